/** Make the project with the sample recordings, and go there. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";

export function useSample() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/sample-project")),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      await navigate(`/projects/${project.id}/datasets`);
    },
  });
}
