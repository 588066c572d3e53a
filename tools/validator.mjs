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
function wrong(schema, data, instancePath) {
  if (schema.$ref) return wrong(rules.definitions[schema.$ref.slice(14)], data, instancePath);
  const { type, discriminator, properties, items } = schema;
  const no = (keyword, params = {}) => ({ instancePath, keyword, params, parentSchema: schema, data });
  if (type && !(is[type] ? is[type](data) : type.some((each) => is[each](data)))) return no('type', { type });
  if (is.number(data)) {
    if (data > schema.maximum) return no('maximum');
    if (data < schema.minimum || data <= schema.exclusiveMinimum) return no('minimum');
  } else if (is.string(data) && data.length > schema.maxLength && [...data].length > schema.maxLength) return no('maxLength');
  if ('const' in schema && data !== schema.const) return no('const', { allowedValue: schema.const });
  if (schema.enum && !schema.enum.includes(data)) return no('enum', { allowedValues: schema.enum });
  if (is.array(data)) {
    if (data.length > schema.maxItems) return no('maxItems');
    if (data.length < schema.minItems) return no('minItems');
    for (let i = 0; items && i < data.length; i++) {
      const found = wrong(items, data[i], instancePath + '/' + i);
      if (found) return found;
    }
  } else if (is.object(data)) {
    const names = Object.keys(data);
    if (names.length > schema.maxProperties) return no('maxProperties');
    if (names.length < schema.minProperties) return no('minProperties');
    const missingProperty = schema.required?.find((name) => data[name] === undefined);
    if (missingProperty) return no('required', { missingProperty });
    if (properties) {
      const additionalProperty = discriminator ? undefined : names.find((name) => !Object.hasOwn(properties, name));
      if (additionalProperty !== undefined) return no('additionalProperties', { additionalProperty });
      for (const name in properties) {
        const found = data[name] !== undefined && wrong(properties[name], data[name], instancePath + '/' + name);
        if (found) return found;
      }
    }
    if (discriminator) {
      const tag = discriminator.propertyName;
      const fits = ({ $ref, ...own }) =>
        [($ref ? rules.definitions[$ref.slice(14)] : own).properties[tag]].some((of) => of.const === data[tag] || of.enum?.includes(data[tag]));
      const variant = schema.oneOf.find(fits);
      return variant ? wrong(variant, data, instancePath) : no('discriminator', { tag });
    }
  }
}
export default function validate(data) {
  const error = wrong(rules, data, '');
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
