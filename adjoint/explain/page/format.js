// Numbers as people read them, and elements of the page.

// Six significant digits; blank for what is not computed.
function shown(number, digits = 6) {
  if (number === undefined || number === null) return "";
  if (typeof number === "boolean") return number ? "True" : "False";
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7)
    ? number.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e")
    : String(Number(number.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

// As a factor or a summand: a negative number in parentheses.
function inside(number) {
  const text = shown(number);
  return text.startsWith("−") ? `(${text})` : text;
}

// A formula as it is read: with a minus sign and a dot for the product.
function readable(formula) {
  return formula.replaceAll(/(?<!\*)\*(?!\*)/g, "·").replaceAll(/(?<!e)-/g, "−");
}

// ["a", "b", "c"] as "a, b and c".
function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

// An element of HTML; children are elements or text.
function element(tag, attributes = {}, ...children) {
  return built(document.createElement(tag), attributes, children);
}

// An element of SVG.
function svg(tag, attributes = {}, ...children) {
  const name = "http://www.w3.org/2000/svg";
  return built(document.createElementNS(name, tag), attributes, children);
}

function built(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}
