/** In the place of cli-table3: there is no terminal in a browser. */
export default class {}
