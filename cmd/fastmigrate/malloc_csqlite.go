//go:build csqlite && cgo && linux

package main

/*
#include <malloc.h>

// By itself the C library gives each thread of Go's a heap of its own, and asks
// the system for every page that the engine needs there. That can be changed
// only before there are threads.
__attribute__((constructor)) static void one_heap_in_large_steps(void) {
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 256 << 10);
	// These two adapt themselves no more once one of them is set.
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}
*/
import "C"
