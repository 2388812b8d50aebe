/** The tokens of `ui/tokens.css`, mapped once into Mantine. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple, Menu, Modal, Tooltip } from "@mantine/core";

const accent = Array.from({ length: 10 }, () => "var(--accent)") as unknown as MantineColorsTuple;

export const theme = createTheme({
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  colors: { accent },
  primaryColor: "accent",
  defaultRadius: "sm",
  cursorType: "default",
  respectReducedMotion: true,
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "12px" },
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  shadows: { xs: "var(--sh1)", sm: "var(--sh1)", md: "var(--sh2)", lg: "var(--sh3)", xl: "var(--sh3)" },
  components: {
    Modal: Modal.extend({ defaultProps: { radius: "md", shadow: "lg", padding: 20, overlayProps: { color: "#1b1812", backgroundOpacity: 0.4 }, transitionProps: { duration: 160, transition: "pop" } } }),
    Menu: Menu.extend({ defaultProps: { radius: "md", shadow: "lg", transitionProps: { duration: 120 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, color: "var(--ink)" } }),
  },
});

/** Mantine's own names for what the tokens hold; the tokens already differ between light and dark. */
const COLOURS = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-anchor": "var(--accent-text)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line-2)",
  "--mantine-color-disabled": "var(--sunken)",
  "--mantine-color-disabled-color": "var(--text-3)",
  "--mantine-color-disabled-border": "var(--line)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-primary-color-filled-hover": "var(--accent-2)",
  "--mantine-primary-color-contrast": "var(--on-accent)",
  "--mantine-primary-color-light": "var(--accent-soft)",
  "--mantine-primary-color-light-color": "var(--accent-text)",
};

export const tokensForMantine: CSSVariablesResolver = () => ({ variables: {}, light: COLOURS, dark: COLOURS });
