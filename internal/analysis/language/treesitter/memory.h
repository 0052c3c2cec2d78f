// The memory of tree-sitter's C library: all that one parser takes, bounded,
// and freed together.
#ifndef RAMPFORGE_TREESITTER_MEMORY_H
#define RAMPFORGE_TREESITTER_MEMORY_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Blocks of up to RF_SMALL bytes are cut from slabs, and the freed ones are kept
// by size, in steps of 16 bytes: a tree is millions of blocks of a few sizes.
enum { RF_SMALL = 1024, RF_STEP = 16, RF_SIZES = RF_SMALL / RF_STEP };

// What stands before a block that was larger than that, in a ring of them.
typedef struct rf_large {
  struct rf_large *previous, *next;
} rf_large;

typedef struct rf_memory {
  void *freed[RF_SIZES + 1]; // lists of free small blocks, by steps of size
  char *room;                // what is left of the newest slab
  size_t left;               // bytes there
  struct rf_slab *slabs;     // all that were taken
  rf_large large;            // ring of all large blocks
  size_t held;               // bytes of all blocks
  size_t limit;              // of held, 0 outside a parse
  uint64_t copies;           // bytes that may still be asked for in this parse
  jmp_buf way_out;           // where a parse goes that asks for more
} rf_memory;

// The memory that this thread works with: a call from Go stays on its thread.
// NULL for what Go code asks of the library.
extern _Thread_local rf_memory *rf_current;

// rf_memory_begin makes an empty memory.
void rf_memory_begin(rf_memory *self);

// rf_memory_end frees all blocks at once.
void rf_memory_end(rf_memory *self);

// rf_leave ends a parse at once, from however deep inside the library. No Go
// code and no lock is between here and where way_out was set.
_Noreturn void rf_leave(rf_memory *self);

#endif
