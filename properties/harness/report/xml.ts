/** Text within XML and HTML, in elements and in quoted attributes. */

/** Control characters are not allowed in XML 1.0, not even escaped. */
export const xmlText = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
