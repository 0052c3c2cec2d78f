#include "memory.h"
#include "reader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Slabs are all of one size, so that a few can be kept for the next parse: the
// system hands out new memory a page at a time, each by a fault. The kept ones
// are at most 16 MiB, for all threads together.
enum { SLAB_BYTES = 256 << 10, SLABS_KEPT = 64 };

typedef struct rf_slab {
  struct rf_slab *next;
  max_align_t begin[];
} rf_slab;

static pthread_mutex_t kept_mutex = PTHREAD_MUTEX_INITIALIZER;
static rf_slab *kept;
static int kept_count;

// What stands before every block.
typedef union {
  struct {
    size_t size;
    enum { OUTSIDE, SMALL, LARGE } kind;
  };
  max_align_t align;
} head;

_Thread_local rf_memory *rf_current;

static void *not_null(void *memory) {
  if (memory == NULL) { // as the library does by default: it cannot go on
    fputs("tree-sitter: out of memory\n", stderr);
    abort();
  }
  return memory;
}

static rf_slab *take_slab(void) {
  pthread_mutex_lock(&kept_mutex);
  rf_slab *slab = kept;
  if (slab != NULL) {
    kept = slab->next;
    kept_count--;
  }
  pthread_mutex_unlock(&kept_mutex);
  return slab != NULL ? slab : not_null(malloc(SLAB_BYTES));
}

// give_slabs keeps as many of a list as there is room for, and frees the rest.
static void give_slabs(rf_slab *list) {
  pthread_mutex_lock(&kept_mutex);
  while (list != NULL && kept_count < SLABS_KEPT) {
    rf_slab *next = list->next;
    list->next = kept;
    kept = list;
    kept_count++;
    list = next;
  }
  pthread_mutex_unlock(&kept_mutex);
  while (list != NULL) {
    rf_slab *next = list->next;
    free(list);
    list = next;
  }
}

void rf_memory_begin(rf_memory *self) {
  memset(self, 0, sizeof *self);
  self->large.previous = self->large.next = &self->large;
}

void rf_memory_end(rf_memory *self) {
  for (rf_large *l = self->large.next; l != &self->large;) {
    rf_large *next = l->next;
    free(l);
    l = next;
  }
  give_slabs(self->slabs);
  rf_memory_begin(self);
}

void rf_leave(rf_memory *self) {
  self->limit = 0;
  longjmp(self->way_out, 1);
}

// charge leaves the parse when the block of that size is one too many: of the
// bytes held, or of all the bytes asked for, since copying long lists of nodes
// again and again is how the library is quadratic on broken text.
static void charge(rf_memory *self, size_t size) {
  if (self->limit == 0) return;
  if (self->held + size > self->limit || self->copies < size) rf_leave(self);
  self->copies -= size;
}

static size_t steps(size_t size) { return (size + RF_STEP - 1) / RF_STEP; }

static head *take_small(rf_memory *self, size_t size) {
  size_t n = steps(size);
  head *h = self->freed[n];
  if (h != NULL) {
    self->freed[n] = *(void **)(h + 1);
    return h;
  }
  size_t bytes = sizeof(head) + (n > 0 ? n : 1) * RF_STEP;
  if (self->left < bytes) {
    rf_slab *slab = take_slab();
    slab->next = self->slabs;
    self->slabs = slab;
    self->room = (char *)slab->begin;
    self->left = SLAB_BYTES - offsetof(rf_slab, begin);
  }
  h = (head *)self->room;
  self->room += bytes;
  self->left -= bytes;
  return h;
}

static void link_large(rf_memory *self, rf_large *l) {
  l->previous = &self->large;
  l->next = self->large.next;
  l->next->previous = self->large.next = l;
}

static void unlink_large(rf_large *l) {
  l->previous->next = l->next;
  l->next->previous = l->previous;
}

static void *take(size_t size) {
  rf_memory *self = rf_current;
  head *h;
  if (self == NULL) {
    h = not_null(malloc(sizeof(head) + size));
    h->kind = OUTSIDE;
  } else {
    charge(self, size);
    self->held += size;
    if (size <= RF_SMALL) {
      h = take_small(self, size);
      h->kind = SMALL;
    } else {
      rf_large *l = not_null(malloc(sizeof(rf_large) + sizeof(head) + size));
      link_large(self, l);
      h = (head *)(l + 1);
      h->kind = LARGE;
    }
  }
  h->size = size;
  return h + 1;
}

static void *take_zeroed(size_t count, size_t size) { return memset(take(count * size), 0, count * size); }

static void give(void *memory) {
  if (memory == NULL) return;
  head *h = (head *)memory - 1;
  rf_memory *self = rf_current;
  switch (h->kind) {
  case OUTSIDE:
    free(h);
    return;
  case SMALL:
    if (self == NULL) return; // it goes with its slab
    self->held -= h->size;
    *(void **)memory = self->freed[steps(h->size)];
    self->freed[steps(h->size)] = h;
    return;
  case LARGE:
    if (self != NULL) self->held -= h->size;
    unlink_large((rf_large *)h - 1);
    free((rf_large *)h - 1);
  }
}

static void *resize(void *memory, size_t size) {
  if (memory == NULL) return take(size);
  head *h = (head *)memory - 1;
  rf_memory *self = rf_current;
  if (h->kind == OUTSIDE) {
    h = not_null(realloc(h, sizeof(head) + size));
  } else if (h->kind == LARGE && size > RF_SMALL && self != NULL) {
    charge(self, size);
    self->held += size - h->size;
    rf_large *l = (rf_large *)h - 1;
    unlink_large(l);
    l = not_null(realloc(l, sizeof(rf_large) + sizeof(head) + size));
    link_large(self, l);
    h = (head *)(l + 1);
  } else if (h->kind == SMALL && size <= RF_SMALL && steps(size) == steps(h->size) && self != NULL) {
    charge(self, size);
    self->held += size - h->size;
  } else {
    void *other = take(size);
    memcpy(other, memory, h->size < size ? h->size : size);
    give(memory);
    return other;
  }
  h->size = size;
  return h + 1;
}

void ts_set_allocator(void *(*new_malloc)(size_t), void *(*new_calloc)(size_t, size_t),
                      void *(*new_realloc)(void *, size_t), void (*new_free)(void *));

// go-tree-sitter sends every allocation of the library through Go and back,
// which costs more than the parsing. With these it does not.
void rf_own_memory(void) { ts_set_allocator(take, take_zeroed, resize, give); }
