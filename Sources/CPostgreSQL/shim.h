#include <libpq-fe.h>

// Fields of an error report: the macros' values are characters, which Swift does not import.
static inline const char *symbolon_sqlstate(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }
static inline const char *symbolon_message(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY); }
