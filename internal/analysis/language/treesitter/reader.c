#include "reader.h"
#include "memory.h"

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

typedef struct {
  const char *source;
  uint32_t length;
  rf_budget left;
  const uint32_t *cancel;
} parse;

struct rf_parser {
  TSParser *parser;
  rf_memory memory; // of the parser and its tree
  bool left;        // the parser was left in the middle
};

rf_parser *rf_new(const TSLanguage *language) {
  rf_parser *self = calloc(1, sizeof(rf_parser));
  if (self == NULL) return NULL;
  rf_memory_begin(&self->memory);
  rf_current = &self->memory;
  self->parser = ts_parser_new();
  bool ok = ts_parser_set_language(self->parser, language);
  rf_current = NULL;
  if (ok) return self;
  rf_delete(self);
  return NULL;
}

void rf_delete(rf_parser *self) {
  rf_current = &self->memory;
  // For the grammar's scanner, which may hold memory of its own.
  if (!self->left) ts_parser_delete(self->parser);
  rf_current = NULL;
  rf_memory_end(&self->memory);
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
  if (p->left.chunks == 0 || __atomic_load_n(p->cancel, __ATOMIC_RELAXED) != 0) rf_leave(rf_current);
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
  if (p->left.steps == 0 || __atomic_load_n(p->cancel, __ATOMIC_RELAXED) != 0) rf_leave(rf_current);
  p->left.steps--;
  return false;
}

rf_parsed rf_parse(rf_parser *self, const char *source, uint32_t length, rf_budget budget, const uint32_t *cancel) {
  parse p = {source, length, budget, cancel};
  TSInput input = {&p, read_text, 0, NULL};
  TSParseOptions options = {&p, ended};
  rf_current = &self->memory;
  self->memory.limit = self->memory.held + budget.memory;
  self->memory.copies = budget.copies;
  self->left = true;
  if (setjmp(self->memory.way_out) != 0) {
    rf_current = NULL;
    return (rf_parsed){0};
  }
  rf_parsed result = {0};
  result.tree = ts_parser_parse_with_options(self->parser, NULL, input, options);
  self->memory.limit = 0;
  self->left = false;
  rf_current = NULL;
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
