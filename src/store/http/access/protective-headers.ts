/**
 * What every answer tells browsers, as name, value, name, value: that it is no page and nothing of one, not to be kept, and nobody's on another site. Values are what clients
 * have written, so whatever looks at one in a browser must not run it.
 */
export const protectiveHeaders: readonly string[] = [
  ...['x-content-type-options', 'nosniff'],
  ...['cache-control', 'no-store'],
  ...['content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ...['cross-origin-resource-policy', 'same-origin'],
  ...['referrer-policy', 'no-referrer'],
];
