// SPDX-License-Identifier: Apache-2.0
// Every error that a function of enlace returns. Included several times: no guard.
// Columns: name, retry helps, exit code (landscape 7.2, sysexits), stable code, English, Spanish.
//
//     name           retry  exit  code                 English                                Spanish
EN_ERR(EN_OK,          0,     0,   "ok",                "ok",                                  "correcto")
EN_ERR(EN_ENOMEM,      1,    75,   "out_of_memory",     "out of memory",                       "memoria agotada")
EN_ERR(EN_EUSAGE,      0,     2,   "usage",             "the call or the arguments are wrong", "la llamada o los argumentos son incorrectos")
EN_ERR(EN_ELIMIT,      0,    65,   "limit",             "a limit was passed",                  "se rebasó un límite")
EN_ERR(EN_ETRUNCATED,  0,    65,   "truncated",         "the data ends too early",             "los datos terminan antes de tiempo")
EN_ERR(EN_ETRAILING,   0,    65,   "trailing",          "bytes are left over at the end",      "sobran bytes al final")
EN_ERR(EN_EUTF8,       0,    65,   "utf8",              "text is not valid UTF-8",             "el texto no es UTF-8 válido")
EN_ERR(EN_EFORMAT,     0,    65,   "format",            "the data has the wrong form",         "los datos tienen una forma incorrecta")
EN_ERR(EN_ENOTFOUND,   0,     1,   "not_found",         "no such thing",                       "no existe")
EN_ERR(EN_EEXISTS,     0,     1,   "exists",            "it exists already",                   "ya existe")
EN_ERR(EN_EIO,         1,    74,   "io",                "input or output failed",              "falló la entrada o la salida")
EN_ERR(EN_EFULL,       1,    75,   "full",              "no room left",                        "no queda espacio")
EN_ERR(EN_EBUSY,       1,    75,   "busy",              "busy, try again later",               "ocupado, intente más tarde")
EN_ERR(EN_EAGAIN,      1,    75,   "again",             "nothing yet, try again",              "nada todavía, intente de nuevo")
EN_ERR(EN_EDENIED,     0,    77,   "not_permitted",     "not permitted",                       "no permitido")
EN_ERR(EN_ECONFIG,     0,    78,   "config",            "the configuration is invalid",        "la configuración no es válida")
EN_ERR(EN_EUNREACHED,  1,    69,   "unreachable",       "the other side cannot be reached",    "no se alcanza al otro lado")
EN_ERR(EN_EPROTOCOL,   0,    76,   "protocol",          "the peer broke the protocol",         "el otro lado rompió el protocolo")
EN_ERR(EN_ECORRUPT,    0,    74,   "corrupt",           "stored data is damaged",              "los datos guardados están dañados")
EN_ERR(EN_EVERSION,    0,    76,   "version",           "another version is needed",           "se necesita otra versión")
EN_ERR(EN_ETIMEOUT,    1,    75,   "timeout",           "it took too long",                    "tardó demasiado")
EN_ERR(EN_ECONFLICT,   0,     1,   "conflict",          "it contradicts what is there",        "contradice lo que ya está")
EN_ERR(EN_EMAPPING,    0,    65,   "mapping",           "a mapping could not translate",       "una correspondencia no pudo traducir")
EN_ERR(EN_EINTERNAL,   0,    70,   "internal",          "a fault of enlace itself",            "una falla del propio enlace")
