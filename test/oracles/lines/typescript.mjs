import {createRequire} from "node:module"; import fs from "node:fs";
const ts=createRequire("/tmp/w/tools/js/package.json")("typescript");
// lines with a token, via the tree's tokens
for (const p of fs.readFileSync(0,"utf8").split("\n").filter(Boolean)) {
  let text=fs.readFileSync(p,"utf8"); if(text.charCodeAt(0)===0xfeff)text=text.slice(1);
  const sf=ts.createSourceFile(p,text,99,false,/\.[jt]sx$/.test(p)?ts.ScriptKind.TSX:/\.[cm]?js$/.test(p)?ts.ScriptKind.JSX:ts.ScriptKind.TS);
  const code=new Set();
  const mark=(a,b)=>{ let i=ts.getLineAndCharacterOfPosition(sf,a).line,j=ts.getLineAndCharacterOfPosition(sf,Math.max(a,b-1)).line; for(;i<=j;i++)code.add(i)};
  const visit=n=>{ const kids=n.getChildren(sf); if(n.kind>=ts.SyntaxKind.FirstJSDocNode&&n.kind<=ts.SyntaxKind.LastJSDocNode)return; if(n.kind===ts.SyntaxKind.JsxText){const st=n.pos;text.slice(n.pos,n.end).split("\n").reduce((o,l)=>{if(l.trim())mark(st+o,st+o+l.length);return o+l.length+1},0);return} if(!kids.length){ if(n.end>n.getStart(sf)) mark(n.getStart(sf),n.end)} else kids.forEach(visit)};
  if(text.startsWith("#!"))code.add(0);
  visit(sf); console.log(p+"\t"+code.size);
}
