export function DeploymentPage() {
  return <main />;
}
