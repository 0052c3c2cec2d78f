#include "reader.h"

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

void ts_set_allocator(void *(*new_malloc)(size_t), void *(*new_calloc)(size_t, size_t),
                      void *(*new_realloc)(void *, size_t), void (*new_free)(void *));
TSTree *ts_parser_parse_with_options(TSParser *self, const TSTree *old_tree, TSInput input, TSParseOptions options);
void ts_parser_reset(TSParser *self);
void ts_tree_delete(TSTree *self);
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

// go-tree-sitter sends every allocation of the library through Go and back,
// which costs more than the parsing. Memory comes from the same heap either
// way, so what was allocated before the change can be freed after it.
void rf_use_libc(void) { ts_set_allocator(NULL, NULL, NULL, NULL); }

typedef struct {
  const char *source;
  uint32_t length;
  uint64_t steps, chunks; // left of the budget
  const uint32_t *cancel;
} parse;

// The text goes to the lexer in small pieces so that text that is read again
// and again is seen here: a scanner that looks far ahead from every token does
// quadratic work in few steps.
static const char *read_text(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read) {
  (void)position;
  parse *p = payload;
  *bytes_read = 0;
  if (byte_index >= p->length || p->chunks == 0) return "";
  p->chunks--;
  uint32_t rest = p->length - byte_index;
  *bytes_read = rest < RF_CHUNK ? rest : RF_CHUNK;
  // A character is not cut: the lexer would take its first half for an error.
  while (*bytes_read < rest && (p->source[byte_index + *bytes_read] & 0xC0) == 0x80) ++*bytes_read;
  return p->source + byte_index;
}

static bool ended(TSParseState *state) {
  parse *p = state->payload;
  if (p->steps == 0 || p->chunks == 0 || __atomic_load_n(p->cancel, __ATOMIC_RELAXED) != 0) return true;
  p->steps--;
  return false;
}

rf_parsed rf_parse(TSParser *parser, const char *source, uint32_t length, uint64_t steps, uint64_t chunks,
                   const uint32_t *cancel) {
  parse p = {source, length, steps, chunks, cancel};
  TSInput input = {&p, read_text, 0, NULL};
  TSParseOptions options = {&p, ended};
  rf_parsed result = {0};
  result.tree = ts_parser_parse_with_options(parser, NULL, input, options);
  // A parser that was ended early would go on with the old text otherwise.
  ts_parser_reset(parser);
  if (result.tree != NULL && p.chunks == 0) { // what came after was hidden from it
    ts_tree_delete(result.tree);
    result.tree = NULL;
  }
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

void rf_free_tree(TSTree *tree) { ts_tree_delete(tree); }
