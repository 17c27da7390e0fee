// The program that spec/commands/record_allocators_spec.lua records: it calls all operators new
// and delete of C++, with sizes that no library requests.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace {

const std::size_t mark = 60001;
void *volatile keep; // volatile: the compiler must assume that it is used

void *use(void *block) {
  keep = block;
  return block;
}

void plain() {
  ::operator delete(use(::operator new(mark)));
  ::operator delete(use(::operator new(mark + 1)), mark + 1);
  ::operator delete[](use(::operator new[](mark + 2)));
  ::operator delete[](use(::operator new[](mark + 3)), mark + 3);
}

void nothrow() {
  ::operator delete(use(::operator new(mark + 4, std::nothrow)), std::nothrow);
  ::operator delete[](use(::operator new[](mark + 5, std::nothrow)), std::nothrow);
}

void aligned() {
  const std::align_val_t to{64};
  ::operator delete(use(::operator new(mark + 15, to)), to);
  ::operator delete(use(::operator new(mark + 31, to)), mark + 31, to);
  ::operator delete[](use(::operator new[](mark + 47, to)), to);
  ::operator delete[](use(::operator new[](mark + 63, to)), mark + 63, to);
  ::operator delete(use(::operator new(mark + 79, to, std::nothrow)), to, std::nothrow);
  ::operator delete[](use(::operator new[](mark + 95, to, std::nothrow)), to, std::nothrow);
}

// An exception (of 136 bytes or so) passes through the recorder, which then records the requests
// that follow.
bool refused() {
  volatile std::size_t most = std::numeric_limits<std::size_t>::max() / 4;
  try {
    use(::operator new(most));
  } catch (const std::bad_alloc &) {
    ::operator delete(use(::operator new(mark + 6)));
    return ::operator new(most, std::nothrow) == nullptr;
  }
  return false;
}

} // namespace

int main(int argc, char **) {
  plain();
  nothrow();
  aligned();
  if (argc == 1 && !refused())
    return 1;
  void *block = std::malloc(mark + 7);
  block = std::realloc(use(block), mark + 8);
  block = std::realloc(use(block), 0);
  std::free(use(block));
  std::printf("%d\n", std::strlen("whole") == 5);
  return 0;
}
