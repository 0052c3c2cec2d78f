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
typedef struct TSTree TSTree;

// A parser of one language. It is not safe for concurrent use.
typedef struct rf_parser rf_parser;

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

// rf_own_memory makes the library take its memory from reader.c. It is called
// once, before anything else of the library.
void rf_own_memory(void);

// rf_new returns NULL when the library is too old or too new for the grammar.
rf_parser *rf_new(const TSLanguage *language);

// rf_delete frees the parser with its tree.
void rf_delete(rf_parser *self);

// How many bytes the lexer gets at a time.
enum { RF_CHUNK = 512 };

// What one parse may use.
typedef struct {
  uint64_t steps;  // hundreds of parse steps
  uint64_t chunks; // pieces of RF_CHUNK bytes that the lexer reads
  uint64_t memory; // bytes held at one time
  uint64_t copies; // bytes asked for, all in all
} rf_budget;

// rf_parse parses length bytes, once in the life of a parser. It ends at once,
// without a tree, when *cancel is not zero or the budget is used up; the state
// of the grammar's scanner, a few hundred bytes, is lost then. (To use a parser
// again that was ended early would not do: ts_parser_reset of v0.25 forgets
// that balancing was under way, and the next parse ends the process with a
// failed assertion.)
rf_parsed rf_parse(rf_parser *self, const char *source, uint32_t length, rf_budget budget, const uint32_t *cancel);

// rf_flatten writes the tree in source order into nodes and returns how many
// it wrote, at most capacity. kinds and fields translate the grammar's ids.
uint32_t rf_flatten(TSTree *tree, const uint16_t *kinds, uint32_t kind_count, const uint8_t *fields,
                    uint32_t field_count, rf_node *nodes, uint32_t capacity);

#endif
