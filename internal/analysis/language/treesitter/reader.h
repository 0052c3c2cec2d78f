// What this package calls of tree-sitter's C library, and what it adds.
//
// The library itself is compiled and linked by go-tree-sitter. These are the
// few declarations of its tree_sitter/api.h (ABI of v0.25) that are needed
// here; abi_test.go compares what they give with the module's own Go API.
#ifndef RAMPFORGE_TREESITTER_READER_H
#define RAMPFORGE_TREESITTER_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct TSLanguage TSLanguage;
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;

TSParser *ts_parser_new(void);
void ts_parser_delete(TSParser *self);
bool ts_parser_set_language(TSParser *self, const TSLanguage *language);

// One node, as node.go declares it. Both sides have the same layout.
typedef struct {
  uint16_t kind;
  uint8_t field;
  uint8_t missing;
  uint32_t start, end;
  uint32_t line, end_line;
  uint32_t next;
  uint32_t parent;
} rf_node;

// Values of the kind table: every other value is the caller's own.
enum { RF_OTHER = 0, RF_ERROR = 0xFFFF, RF_DROP = 0xFFFE };

typedef struct {
  TSTree *tree;         // NULL when the parse was ended early
  uint32_t descendants; // nodes of the tree, root included
  bool has_error;
} rf_parsed;

// rf_use_libc makes the library allocate with malloc and free themselves.
void rf_use_libc(void);

// How many bytes the lexer gets at a time.
enum { RF_CHUNK = 512 };

// rf_parse parses length bytes. It ends early when *cancel is not zero, after
// steps times 100 parse operations, or when the lexer has asked for chunks
// pieces of the source.
rf_parsed rf_parse(TSParser *parser, const char *source, uint32_t length, uint64_t steps, uint64_t chunks,
                   const uint32_t *cancel);

// rf_flatten writes the tree in source order into nodes and returns how many
// it wrote, at most capacity. kinds and fields translate the grammar's ids.
uint32_t rf_flatten(TSTree *tree, const uint16_t *kinds, uint32_t kind_count, const uint8_t *fields,
                    uint32_t field_count, rf_node *nodes, uint32_t capacity);

void rf_free_tree(TSTree *tree);

#endif
