// @ts-check
/**
 * The text of a module that requires a package and exports what it has. The names are written down:
 * Node would look for them in the text of the package.
 *
 * @param {string} specifier
 * @param {object} exported what requiring it gives
 */
export function requiring(specifier, exported) {
  const names = Object.keys(exported).filter((name) => name !== "default");
  const taken = names.map((name, i) => `${JSON.stringify(name)}: _${i}`);
  const given = names.map((name, i) => `_${i} as ${JSON.stringify(name)}`); // some, such as null, are no identifiers
  return `import { createRequire } from "node:module";
const all = createRequire(import.meta.url)(${JSON.stringify(specifier)});
const { ${taken.join(", ")} } = all;
export default all.default ?? all;
export { ${given.join(", ")} };
`;
}
