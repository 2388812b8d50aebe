/** Make the project with the sample recordings, and go there. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

const MUTATION_KEY = ["sample-project"] as const;

export type Sample = { begin: () => void; isPending: boolean; error: Error | null };

export function useSample(): Sample {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mutate, isPending, error } = useMutation({
    mutationKey: MUTATION_KEY,
    mutationFn: () => unwrap(api.POST("/api/v1/sample-project")),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      await navigate(`/projects/${project.id}/datasets`);
    },
  });
  // A double click comes before the button is drawn as disabled.
  const begin = () => {
    if (client.isMutating({ mutationKey: MUTATION_KEY }) === 0) mutate();
  };
  return { begin, isPending, error };
}
