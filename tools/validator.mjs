// The scenario's validator from its schema: its rules as JSON, and a few lines that read them. An embed loads it, so that
// each byte counts; ajv's own code of the same is eight times as long. A test holds one against the other.

/** Of scenarios of a model whose law is stated, with the definitions that they use: what engines take, and an embed checks. */
export function lawSchema({ definitions }) {
  const used = {};
  const follow = (schema) =>
    JSON.stringify(schema, (key, value) => {
      const name = key === '$ref' ? value.split('/').at(-1) : null;
      if (name === null || name in used) return value;
      used[name] = definitions[name];
      follow(used[name]);
      return value;
    });
  follow(definitions.scenario);
  const ordered = Object.keys(definitions).filter((name) => name in used);
  return { ...definitions.scenario, definitions: Object.fromEntries(ordered.map((name) => [name, used[name]])) };
}

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
    if (value?.required && value.properties && !value.discriminator && value.additionalProperties !== false)
      throw new Error(`fields beside ${Object.keys(value.properties)} are not refused`);
    return value;
  });
  // All objects that list their fields, and leave none to what a tag chooses, have no others.
  return JSON.parse(JSON.stringify(bare), (key, value) => (key === 'additionalProperties' ? undefined : value));
}

const known = [
  ...['$ref', 'type', 'maximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'const', 'enum', 'discriminator', 'oneOf'],
  ...['maxItems', 'minItems', 'items', 'maxProperties', 'minProperties', 'required', 'properties', 'definitions'],
];

/** Throws where a schema has a keyword that is not read below. */
function checkKeywords(schema) {
  for (const [key, value] of Object.entries(schema)) {
    if (!known.includes(key)) throw new Error(`the validator does not know ${key}`);
    const inner = ['properties', 'definitions'].includes(key)
      ? Object.values(value)
      : key === 'items'
        ? [value]
        : key === 'oneOf'
          ? value
          : [];
    inner.forEach(checkKeywords);
  }
}

/**
 * The first error of `data` by a schema, in ajv's order and form; nothing where it is valid. As text in the module that is
 * generated, where `rules` is the whole schema.
 */
const reader = `
const is = {
  number: Number.isFinite,
  integer: Number.isInteger,
  string: (data) => typeof data === 'string',
  boolean: (data) => typeof data === 'boolean',
  array: Array.isArray,
  object: (data) => typeof data === 'object' && data !== null && !Array.isArray(data),
};
const named = (schema) => (schema.$ref ? rules.definitions[schema.$ref.slice(14)] : schema);
const no = (parentSchema, data, keyword, params = {}) => ({ instancePath: '', keyword, params, parentSchema, data });
/** What is wrong with a part is told from the whole. */
function within(part, found) {
  if (found) found.instancePath = '/' + part + found.instancePath;
  return found;
}
const checks = new Map();
/** What checks data by a schema. A list's entries may be 100,000: what a schema asks is found out once. */
function checkOf(schema) {
  schema = named(schema);
  if (!checks.has(schema)) checks.set(schema, checkBy(schema));
  return checks.get(schema);
}
function checkBy(schema) {
  const { type, maximum = Infinity, minimum = -Infinity, exclusiveMinimum = -Infinity, maxLength = Infinity } = schema;
  const { const: allowedValue, enum: allowedValues } = schema;
  const types = type && [type].flat().map((each) => is[each]);
  const isOf = types && (types[1] ? (data) => types.some((each) => each(data)) : types[0]);
  const inList = listBy(schema);
  const inObject = objectBy(schema);
  return (data) => {
    if (isOf && !isOf(data)) return no(schema, data, 'type', { type });
    if (is.number(data)) {
      if (data > maximum) return no(schema, data, 'maximum');
      if (data < minimum || data <= exclusiveMinimum) return no(schema, data, 'minimum');
    } else if (is.string(data) && data.length > maxLength && [...data].length > maxLength)
      return no(schema, data, 'maxLength');
    if (allowedValue !== undefined && data !== allowedValue) return no(schema, data, 'const', { allowedValue });
    if (allowedValues && !allowedValues.includes(data)) return no(schema, data, 'enum', { allowedValues });
    if (typeof data === 'object' && data) return is.array(data) ? inList(data) : inObject(data);
  };
}
function listBy(schema) {
  const { items, maxItems = Infinity, minItems = 0 } = schema;
  const check = items && checkOf(items);
  return (data) => {
    if (data.length > maxItems) return no(schema, data, 'maxItems');
    if (data.length < minItems) return no(schema, data, 'minItems');
    for (let i = 0; check && i < data.length; i++) {
      const found = check(data[i]);
      if (found) return within(i, found);
    }
  };
}
function objectBy(schema) {
  const { discriminator, properties, required = [], oneOf, maxProperties = Infinity, minProperties = 0 } = schema;
  const fields = Object.entries(properties ?? {}).map(([name, of]) => ({ name, check: checkOf(of) }));
  const own = properties && !discriminator && new Set(Object.keys(properties));
  const tag = discriminator?.propertyName;
  return (data) => {
    const names = Object.keys(data);
    if (names.length > maxProperties) return no(schema, data, 'maxProperties');
    if (names.length < minProperties) return no(schema, data, 'minProperties');
    for (const name of required)
      if (data[name] === undefined) return no(schema, data, 'required', { missingProperty: name });
    for (const name of names)
      if (own && !own.has(name)) return no(schema, data, 'additionalProperties', { additionalProperty: name });
    for (const { name, check } of fields) {
      const part = data[name];
      const found = part !== undefined && check(part);
      if (found) return within(name, found);
    }
    if (!discriminator) return;
    const fits = (variant) => [named(variant).properties[tag]].some((of) => of.const === data[tag] || of.enum?.includes(data[tag]));
    const variant = oneOf.find(fits);
    return variant ? checkOf(variant)(data) : no(schema, data, 'discriminator', { tag });
  };
}
export default function validate(data) {
  const error = checkOf(rules)(data);
  validate.errors = error ? [error] : null;
  return !error;
}
`;

/** The validator of a schema as a module, whose `errors` hold the first one. */
export function validatorOf(schema) {
  const rules = ruled(schema);
  checkKeywords(rules);
  return `const rules = ${JSON.stringify(rules)};\n${reader}`;
}
