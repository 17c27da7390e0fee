// The tokens of Lua, for colours in an editor.

/** A piece of source text, and its kind. */
export interface Token {
  kind: "keyword" | "text" | "comment" | "number" | "plain";
  text: string;
}

const KEYWORDS = new Set(("and break do else elseif end false for function goto if in local nil not or repeat return then true "
  + "until while").split(" "));

// In this order: a comment or string in long brackets (closed or not), a comment, a string in quotes (closed or not), a
// number, a name.
const PIECE = /(--\[(=*)\[[\s\S]*?(?:\]\2\]|$)|--[^\n]*)|(\[(=*)\[[\s\S]*?(?:\]\4\]|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|(0[xX][\da-fA-F.]+|\d[\d.]*(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)/g;

function kindOf(match: RegExpMatchArray): Token["kind"] {
  if (match[1] !== undefined) return "comment";
  if (match[3] !== undefined) return "text";
  if (match[5] !== undefined) return "number";
  return KEYWORDS.has(match[0]) ? "keyword" : "plain";
}

/** The tokens of a source. Together they are the whole source. */
export function tokens(source: string): Token[] {
  const list: Token[] = [];
  let end = 0;
  for (const match of source.matchAll(PIECE)) {
    if (match.index > end) list.push({ kind: "plain", text: source.slice(end, match.index) });
    list.push({ kind: kindOf(match), text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < source.length) list.push({ kind: "plain", text: source.slice(end) });
  return list;
}
