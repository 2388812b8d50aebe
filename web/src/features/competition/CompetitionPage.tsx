export function CompetitionPage() {
  return <main />;
}
