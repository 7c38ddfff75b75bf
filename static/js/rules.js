// Evaluates the expressions of datasets_app/protocols/base.py as annotation/judgement/rules.py does:
// tests/golden/rules.json holds both to the same results. Answers name responses by side, "a" and "b".
const isNumber = (value) => typeof value === "number";
const has = (object, key) => typeof key === "string" && Object.hasOwn(object, key);

/** Equality of JSON values; numbers are never equal to true or false. */
export function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right);
}

const OPERATORS = {
  is: same,
  at_least: (left, right) => isNumber(left) && isNumber(right) && left >= right,
  less: (left, right) => isNumber(left) && isNumber(right) && left < right,
  minus: (left, right) => (isNumber(left) && isNumber(right) ? left - right : null),
  empty: (value) => value === null || value === "" || (Array.isArray(value) && value.length === 0),
  answered: (value) => value !== null,
  not: (value) => value !== true,
  all: (...values) => values.every((value) => value === true),
  any: (...values) => values.some((value) => value === true),
};

function get(answers, bound, key, variable) {
  const value = has(answers, key) ? answers[key] ?? null : null;
  if (variable === undefined) return value;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && has(value, bound[variable]) ? value[bound[variable]] ?? null : null;
}

/** The value of `expression`; `bound` says which response x (and y) stands for. */
export function evaluate(expression, answers, bound) {
  if (!Array.isArray(expression)) return expression;
  const [operator, ...operands] = expression;
  if (operator === "get") return get(answers, bound, ...operands);
  if (operator === "names") {
    const [key, variable] = operands;
    const choice = get(answers, bound, key);
    return choice !== null && choice === bound[variable];
  }
  if (!has(OPERATORS, operator)) throw new Error(`There is no operator ${operator} in the rules.`);
  return OPERATORS[operator](...operands.map((operand) => evaluate(operand, answers, bound)));
}

function isAnswered(expression, answers, bound) {
  if (!Array.isArray(expression)) return true;
  const [operator, ...operands] = expression;
  if (operator === "get") return get(answers, bound, ...operands) !== null;
  if (operator === "names") return get(answers, bound, operands[0]) !== null;
  return operands.every((operand) => isAnswered(operand, answers, bound));
}

function bindings(rule, names) {
  if (rule.scope === "each") return names.map((x) => ({ x }));
  return names.flatMap((x) => names.filter((y) => y !== x).map((y) => ({ x, y })));
}

/** The rules that `answers` break, with the responses for which they do: {rule, x, y, message, weight}. */
export function brokenRules(rules, answers, names = ["a", "b"]) {
  return rules.flatMap((rule) =>
    bindings(rule, names)
      .filter((bound) => isAnswered(rule.broken_when, answers, bound) && evaluate(rule.broken_when, answers, bound) === true)
      .map((bound) => ({ rule: rule.key, x: bound.x, y: bound.y ?? null, message: rule.message, weight: rule.weight })));
}

/** The message of a broken rule with the letters of the sides. */
export function worded({ message, x, y }) {
  return message.replaceAll("{x}", x.toUpperCase()).replaceAll("{y}", (y ?? "").toUpperCase());
}
