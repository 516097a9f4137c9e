// Makes the C header of libqrencode visible to the module map beside it.
#include <qrencode.h>
