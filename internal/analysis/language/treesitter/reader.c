#include "reader.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

typedef struct {
  uint32_t row, column;
} TSPoint;

typedef struct {
  uint32_t context[4];
  const void *id;
  const TSTree *tree;
} TSNode;

typedef struct {
  const void *tree;
  const void *id;
  uint32_t context[3];
} TSTreeCursor;

typedef struct {
  void *payload;
  const char *(*read)(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read);
  int encoding; // 0 is UTF-8
  void *decode;
} TSInput;

typedef struct {
  void *payload;
  uint32_t current_byte_offset;
  bool has_error;
} TSParseState;

typedef struct {
  void *payload;
  bool (*progress_callback)(TSParseState *state);
} TSParseOptions;

typedef struct TSParser TSParser;

TSParser *ts_parser_new(void);
void ts_parser_delete(TSParser *self);
bool ts_parser_set_language(TSParser *self, const TSLanguage *language);
void ts_set_allocator(void *(*new_malloc)(size_t), void *(*new_calloc)(size_t, size_t),
                      void *(*new_realloc)(void *, size_t), void (*new_free)(void *));
TSTree *ts_parser_parse_with_options(TSParser *self, const TSTree *old_tree, TSInput input, TSParseOptions options);
TSNode ts_tree_root_node(const TSTree *self);
uint32_t ts_node_descendant_count(TSNode self);
bool ts_node_has_error(TSNode self);
bool ts_node_is_missing(TSNode self);
uint16_t ts_node_symbol(TSNode self);
uint32_t ts_node_end_byte(TSNode self);
TSPoint ts_node_end_point(TSNode self);
uint32_t ts_node_start_byte(TSNode self);
TSPoint ts_node_start_point(TSNode self);
TSTreeCursor ts_tree_cursor_new(TSNode node);
void ts_tree_cursor_delete(TSTreeCursor *self);
TSNode ts_tree_cursor_current_node(const TSTreeCursor *self);
uint16_t ts_tree_cursor_current_field_id(const TSTreeCursor *self);
bool ts_tree_cursor_goto_parent(TSTreeCursor *self);
bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *self);
bool ts_tree_cursor_goto_first_child(TSTreeCursor *self);

// Every block of memory that the library takes has this in front of it, so
// that all that a parser holds can be freed when it is left in the middle.
typedef union block {
  struct {
    union block *previous, *next;
    size_t size;
  };
  max_align_t align;
} block;

typedef struct {
  const char *source;
  uint32_t length;
  rf_budget left;
  const uint32_t *cancel;
} parse;

struct rf_parser {
  TSParser *parser;
  block blocks;    // ring of all that the parser and its tree hold
  size_t held;     // bytes of them
  size_t limit;    // of held, 0 outside a parse
  uint64_t copies; // left of the budget
  bool left;       // the parser was left in the middle
  jmp_buf way_out;
};

// The parser that this thread works with: a call from Go stays on its thread.
static _Thread_local rf_parser *current;

// leave ends a parse at once, from however deep inside the library. No Go code
// and no lock is between here and rf_parse.
static void leave(rf_parser *self) {
  self->limit = 0;
  longjmp(self->way_out, 1);
}

static void *link_block(block *b, size_t size) {
  if (b == NULL) { // as the library does by default: it cannot go on
    fputs("tree-sitter: out of memory\n", stderr);
    abort();
  }
  b->size = size;
  b->previous = b->next = NULL;
  if (current != NULL) {
    b->previous = &current->blocks;
    b->next = current->blocks.next;
    b->next->previous = current->blocks.next = b;
    current->held += size;
  }
  return b + 1;
}

static void unlink_block(block *b) {
  if (b->next == NULL) return;
  b->previous->next = b->next;
  b->next->previous = b->previous;
  if (current != NULL) current->held -= b->size;
}

// charge leaves the parse when the block of that size is one too many: of the
// bytes held, or of all the bytes asked for, since copying long lists of nodes
// again and again is how the library is quadratic on broken text.
static void charge(size_t size) {
  if (current == NULL || current->limit == 0) return;
  if (current->held + size > current->limit || current->copies < size) leave(current);
  current->copies -= size;
}

static void *own_malloc(size_t size) {
  charge(size);
  return link_block(malloc(sizeof(block) + size), size);
}

static void *own_calloc(size_t count, size_t size) {
  charge(count * size);
  return link_block(calloc(1, sizeof(block) + count * size), count * size);
}

static void own_free(void *memory) {
  if (memory == NULL) return;
  block *b = (block *)memory - 1;
  unlink_block(b);
  free(b);
}

static void *own_realloc(void *memory, size_t size) {
  if (memory == NULL) return own_malloc(size);
  charge(size);
  block *b = (block *)memory - 1;
  unlink_block(b);
  return link_block(realloc(b, sizeof(block) + size), size);
}

// go-tree-sitter sends every allocation of the library through Go and back,
// which costs more than the parsing. With these it does not.
void rf_own_memory(void) { ts_set_allocator(own_malloc, own_calloc, own_realloc, own_free); }

rf_parser *rf_new(const TSLanguage *language) {
  rf_parser *self = calloc(1, sizeof(rf_parser));
  if (self == NULL) return NULL;
  self->blocks.previous = self->blocks.next = &self->blocks;
  current = self;
  self->parser = ts_parser_new();
  bool ok = ts_parser_set_language(self->parser, language);
  current = NULL;
  if (ok) return self;
  rf_delete(self);
  return NULL;
}

void rf_delete(rf_parser *self) {
  current = self;
  if (!self->left) ts_parser_delete(self->parser);
  // The tree, and whatever a parser that was left in the middle still held.
  while (self->blocks.next != &self->blocks) own_free(self->blocks.next + 1);
  current = NULL;
  free(self);
}

// The text goes to the lexer in small pieces so that text that is read again
// and again is seen here: a scanner that looks far ahead from every token does
// quadratic work in few steps.
static const char *read_text(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read) {
  (void)position;
  parse *p = payload;
  *bytes_read = 0;
  if (byte_index >= p->length) return "";
  if (p->left.chunks == 0 || __atomic_load_n(p->cancel, __ATOMIC_RELAXED) != 0) leave(current);
  p->left.chunks--;
  uint32_t rest = p->length - byte_index;
  *bytes_read = rest < RF_CHUNK ? rest : RF_CHUNK;
  // A character is not cut: the lexer would take its first half for an error.
  while (*bytes_read < rest && (p->source[byte_index + *bytes_read] & 0xC0) == 0x80) ++*bytes_read;
  return p->source + byte_index;
}

// The library asks this every hundred steps.
static bool ended(TSParseState *state) {
  parse *p = state->payload;
  if (p->left.steps == 0 || __atomic_load_n(p->cancel, __ATOMIC_RELAXED) != 0) leave(current);
  p->left.steps--;
  return false;
}

rf_parsed rf_parse(rf_parser *self, const char *source, uint32_t length, rf_budget budget, const uint32_t *cancel) {
  parse p = {source, length, budget, cancel};
  TSInput input = {&p, read_text, 0, NULL};
  TSParseOptions options = {&p, ended};
  current = self;
  self->limit = self->held + budget.memory;
  self->copies = budget.copies;
  self->left = true;
  if (setjmp(self->way_out) != 0) {
    current = NULL;
    return (rf_parsed){0};
  }
  rf_parsed result = {0};
  result.tree = ts_parser_parse_with_options(self->parser, NULL, input, options);
  self->limit = 0;
  self->left = false;
  current = NULL;
  if (result.tree != NULL) {
    TSNode root = ts_tree_root_node(result.tree);
    result.descendants = ts_node_descendant_count(root);
    result.has_error = ts_node_has_error(root);
  }
  return result;
}

static uint16_t translate(uint16_t symbol, const uint16_t *kinds, uint32_t kind_count) {
  if (symbol == 0xFFFF) return RF_ERROR;
  return symbol < kind_count ? kinds[symbol] : RF_OTHER;
}

static void fill(rf_node *out, TSNode node, uint16_t kind, uint32_t parent) {
  TSPoint end = ts_node_end_point(node);
  TSPoint start = ts_node_start_point(node);
  out->kind = kind;
  out->field = 0;
  out->start = ts_node_start_byte(node);
  out->end = ts_node_end_byte(node);
  out->missing = out->start == out->end && ts_node_is_missing(node);
  out->line = start.row + 1;
  // A node that takes the line end with it does not reach into the next line.
  out->end_line = end.row + (end.column == 0 && end.row > start.row ? 0 : 1);
  out->parent = parent;
}

// The cursor keeps its stack on the heap and this loop keeps its own in the
// nodes, so that depth costs no C stack. A dropped node goes with all below it.
uint32_t rf_flatten(TSTree *tree, const uint16_t *kinds, uint32_t kind_count, const uint8_t *fields,
                    uint32_t field_count, rf_node *nodes, uint32_t capacity) {
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
  uint32_t count = 0;
  uint32_t parent = 0;
  for (bool more = true; more && count < capacity;) {
    TSNode node = ts_tree_cursor_current_node(&cursor);
    uint16_t kind = translate(ts_node_symbol(node), kinds, kind_count);
    if (kind != RF_DROP || count == 0) {
      fill(&nodes[count], node, kind, parent);
      uint16_t field = ts_tree_cursor_current_field_id(&cursor);
      if (field < field_count) nodes[count].field = fields[field];
      count++;
      nodes[count - 1].next = count;
      if (ts_tree_cursor_goto_first_child(&cursor)) {
        parent = count - 1;
        continue;
      }
    }
    more = ts_tree_cursor_goto_next_sibling(&cursor);
    while (!more && ts_tree_cursor_goto_parent(&cursor)) {
      nodes[parent].next = count;
      parent = nodes[parent].parent;
      more = ts_tree_cursor_goto_next_sibling(&cursor);
    }
  }
  ts_tree_cursor_delete(&cursor);
  return count;
}
