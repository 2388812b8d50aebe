export function DatasetsPage() {
  return <main />;
}
