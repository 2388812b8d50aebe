export function EvaluationPage() {
  return <main />;
}
