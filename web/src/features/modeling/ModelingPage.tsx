export function ModelingPage() {
  return <main />;
}
