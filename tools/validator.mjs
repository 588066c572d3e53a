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
/** A list's entries may be 100,000: nothing is made of those that are right. */
function wrong(schema, data) {
  if (schema.$ref) schema = named(schema);
  const { type } = schema;
  if (type && !(is[type] ? is[type](data) : type.some((each) => is[each](data)))) return no(schema, data, 'type', { type });
  if (is.number(data)) {
    if (data > schema.maximum) return no(schema, data, 'maximum');
    if (data < schema.minimum || data <= schema.exclusiveMinimum) return no(schema, data, 'minimum');
  } else if (is.string(data) && data.length > schema.maxLength && [...data].length > schema.maxLength)
    return no(schema, data, 'maxLength');
  if (schema.const !== undefined && data !== schema.const) return no(schema, data, 'const', { allowedValue: schema.const });
  if (schema.enum && !schema.enum.includes(data)) return no(schema, data, 'enum', { allowedValues: schema.enum });
  if (typeof data !== 'object' || !data) return;
  return is.array(data) ? wrongList(schema, data) : wrongObject(schema, data);
}
function wrongList(schema, data) {
  if (data.length > schema.maxItems) return no(schema, data, 'maxItems');
  if (data.length < schema.minItems) return no(schema, data, 'minItems');
  const items = schema.items && named(schema.items);
  for (let i = 0; items && i < data.length; i++) {
    const found = wrong(items, data[i]);
    if (found) return within(i, found);
  }
}
function wrongObject(schema, data) {
  const { discriminator, properties } = schema;
  const names = Object.keys(data);
  if (names.length > schema.maxProperties) return no(schema, data, 'maxProperties');
  if (names.length < schema.minProperties) return no(schema, data, 'minProperties');
  const missingProperty = schema.required?.find((name) => data[name] === undefined);
  if (missingProperty) return no(schema, data, 'required', { missingProperty });
  if (properties) {
    const additionalProperty = discriminator ? undefined : names.find((name) => !Object.hasOwn(properties, name));
    if (additionalProperty !== undefined) return no(schema, data, 'additionalProperties', { additionalProperty });
    for (const name in properties) {
      const found = data[name] !== undefined && wrong(properties[name], data[name]);
      if (found) return within(name, found);
    }
  }
  if (discriminator) {
    const tag = discriminator.propertyName;
    const fits = (variant) => [named(variant).properties[tag]].some((of) => of.const === data[tag] || of.enum?.includes(data[tag]));
    const variant = schema.oneOf.find(fits);
    return variant ? wrong(variant, data) : no(schema, data, 'discriminator', { tag });
  }
}
export default function validate(data) {
  const error = wrong(rules, data);
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
