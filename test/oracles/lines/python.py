import sys,tokenize,ast,io
for p in sys.stdin.read().split('\n'):
    if not p: continue
    try: b=open(p,'rb').read(); t=ast.parse(b)
    except Exception: continue
    doc=set()
    for n in ast.walk(t):
        if isinstance(n,ast.Expr) and isinstance(n.value,ast.Constant) and isinstance(n.value.value,str): doc.add((n.lineno,n.col_offset))
    code=set()
    for k in tokenize.tokenize(io.BytesIO(b).readline):
        if k.type in (tokenize.COMMENT,tokenize.NL,tokenize.NEWLINE,tokenize.INDENT,tokenize.DEDENT,tokenize.ENDMARKER,tokenize.ENCODING): continue
        if k.type==tokenize.STRING and k.start in doc: continue
        for i in range(k.start[0],k.end[0]+1): code.add(i)
    print(p,len(code),sep='\t')
