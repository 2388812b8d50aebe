"""What tests share: a real studio, a real browser, real audio."""
