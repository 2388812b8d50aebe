/** What surrounds every page: theme, server state, addresses. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";

import { ApiError } from "@/api/client";
import { useShownTheme } from "@/ui/appearance";

import { router } from "./router";
import { theme, tokensForMantine } from "./theme";

/** Only silence is worth asking again: an answer that says no will say it again. */
const askAgain = (failures: number, failure: Error): boolean => failures < 2 && failure instanceof ApiError && failure.status === 0;

const client = new QueryClient({ defaultOptions: { queries: { retry: askAgain, staleTime: 5_000, networkMode: "always" }, mutations: { networkMode: "always" } } });

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={tokensForMantine} forceColorScheme={useShownTheme()}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
