// The scenario's validator from its schema, as code that needs no library: ajv's, without what it says to nobody. An embed
// loads it, so that each byte counts.
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';

/** A copy of JSON without some keys. */
const without = (json, keys) =>
  JSON.parse(JSON.stringify(json), (key, value) => (keys.includes(key) ? undefined : value));

/** Without words for people, and without the type of what a tag chooses among, which is an object already. */
function ruled(schema) {
  const bare = JSON.parse(JSON.stringify(schema), (key, value) =>
    typeof value === 'string' && ['description', 'title', 'tsType', '$schema'].includes(key) ? undefined : value,
  );
  const untyped = (variant) => {
    delete (variant.$ref ? bare.definitions[variant.$ref.split('/').at(-1)] : variant).type;
  };
  JSON.stringify(bare, (_, value) => {
    if (value?.discriminator) value.oneOf.forEach(untyped);
    return value;
  });
  return bare;
}

function compiled(schema) {
  const ajv = new Ajv({
    discriminator: true,
    verbose: true,
    messages: false,
    // A reward of a chain is a number a state, or a list of them.
    allowUnionTypes: true,
    strictTypes: false,
    code: { source: true, esm: true, lines: true },
  });
  // Standalone code requires ajv's helpers as CommonJS; the string length helper is all that this schema uses.
  const helper = /require\("ajv\/dist\/runtime\/ucs2length"\)\.default/g;
  return (
    standaloneCode(ajv, ajv.compile(schema))
      .replace(helper, 'characters')
      .replaceAll(/schemaPath:"[^"]*",/g, '')
      .replaceAll(/,schema:(?:(?!,parentSchema).)*,parentSchema/g, ',parentSchema')
      // Of these the rule is said without its schema.
      .replaceAll(/(keyword:"(?:type|const|enum|discriminator)",params:\{[^}]*\}),parentSchema:[\w.[\]"]+/g, '$1')
  );
}

/** The schema once, with what messages quote of it; each definition stands in it already. */
function withOneSchema(code, schema) {
  const [, whole] = /^const (schema\d+) = /m.exec(code) ?? [];
  const constant = (json) =>
    new RegExp(`^const (schema\\d+) = ${JSON.stringify(json).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')};$`, 'gm');
  const quoted = without(schema, ['type', 'const', 'discriminator', 'additionalProperties', '$ref']);
  return Object.entries(schema.definitions)
    .reduce(
      (text, [name, definition]) =>
        text.replaceAll(constant(definition), (_, own) => `const ${own} = ${whole}.definitions.${name};`),
      code,
    )
    .replace(constant(schema), (_, own) => `const ${own} = ${JSON.stringify(quoted)};`);
}

/**
 * Its functions return at the first error, so that no count of errors is ever above 0 and no test of such a count fails:
 * they go. So do bounds that stand in the schema, and tags compared with what chose them.
 */
const withoutCounts = (code) =>
  code
    .replaceAll(/const _errs\d+ = errors;\n/g, '')
    .replaceAll(/errors === _errs\d+|_errs\d+ === errors/g, 'true')
    .replaceAll(/var valid\d+ = true;\n/g, '')
    .replaceAll(/if\(!valid\d+\)\{\nbreak;\n\}\n/g, '')
    .replaceAll(/if\((?:true|valid\d+)\)\{/g, '{')
    .replaceAll(/else \{\n\}\n/g, '')
    .replaceAll(/vErrors = .*\nerrors = vErrors\.length;\n/g, 'return false;\n')
    .replaceAll(/let vErrors = null;\nlet errors = 0;\nif\(errors === 0\)\{/g, '{')
    .replaceAll(/let vErrors = null;\nlet errors = 0;\n(?=if)/g, '')
    .replaceAll(/validate\d+\.errors = vErrors;\nreturn errors === 0;/g, 'return true;')
    .replaceAll(/ \|\| isNaN\(data\d+\)/g, '')
    .replaceAll(/params:\{(?:comparison|limit): [^}]*\},/g, '')
    .replaceAll(/validate\d+\.errors = \[(\{.*\})\];\nreturn false;\n(?:break;\n)?/g, 'return no($1);\n')
    .replaceAll(
      /if\((\w+)\.(kind|family) !== undefined\)\{\nlet (\w+) = \1\.\2;\nif\("\w+" !== \3\)\{\nreturn no\(.*\);\n\}\n\}\n/g,
      '',
    );

/** Names of fields are read from the schema, where they stand already. */
const withNamesOfSchema = (code) =>
  code
    .replaceAll(
      /let (missing\d+);\nif\(.*\)\{\n(return no\(\{.*params:\{missingProperty: missing\d+\}),parentSchema:([\w.[\]]+),data(?::(\w+))?\}/g,
      (_, missing, start, of, data = 'data') =>
        `const ${missing} = lacking(${of}, ${data});\nif(${missing}){\n${start},data:${data}}`,
    )
    .replaceAll(
      /if\(!\((?:[()]|key\d+ === "\w+"| \|\| )+\)\)\{\n(return no\(\{.*additionalProperty: (key\d+)\},parentSchema:([\w.[\]]+))/g,
      (_, start, key, of) => `if(!Object.hasOwn(${of}.properties, ${key})){\n${start}`,
    );

/** Numbers between two bounds, which most are, are told by one function; where all is well it makes no text. */
const withRanges = (code) =>
  code.replaceAll(
    /if\(\(typeof (data\d+) == "number"\) && \(isFinite\(\1\)\)\)\{\nif\(\1 > .*\)\{\nreturn no\(\{instancePath:(.*),keyword:"maximum",parentSchema:([\w.[\]]+),data:\1\}\);\n\}\nelse \{\nif\(\1 <=? .*\)\{\nreturn no\(.*\);\n\}\n\}\n\}\nelse \{\nreturn no\(.*params:\{type: "number"\},data:\1\}\);\n\}/g,
    (_, data, path, of) =>
      `const fault = outside(${of}, ${data});\nif(fault){\nreturn no({instancePath:${path},keyword:fault,params:{type: "number"},parentSchema:${of},data:${data}});\n}`,
  );

/** The validator of a schema as a module, whose `errors` hold the first one. */
export function validatorOf(schema) {
  const rules = ruled(schema);
  const code = withRanges(withNamesOfSchema(withoutCounts(withOneSchema(compiled(rules), rules))));
  if (code.includes('require(')) throw new Error('the validator needs a helper of ajv that is not provided');
  if (/vErrors|_errs|\berrors (?:=|>)/.test(code))
    throw new Error('the validator counts errors in a way not known here');
  const [, main] = /^export const validate = (validate\d+);$/m.exec(code) ?? [];
  return `const characters = (text) => [...text].length;
const no = (error) => {
${main}.errors = [error];
return false;
};
const outside = ({ minimum, exclusiveMinimum, maximum }, data) =>
!Number.isFinite(data) ? "type" : data > maximum ? "maximum" : data < minimum || data <= exclusiveMinimum ? "minimum" : "";
const lacking = ({ required }, data) => required.find((name) => data[name] === undefined);
${code}`;
}
