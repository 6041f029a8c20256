// conclave.h alone, as C99.
#include <conclave.h>

int header_is_c99(const conclave_event* event);
int header_is_c99(const conclave_event* event) { return (int)event->size; }
