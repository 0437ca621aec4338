// SPDX-License-Identifier: Apache-2.0
// Every finding: name, code, whether it is an error, English, Spanish, what to do (English, Spanish). Appended, never renumbered.
// Included several times: no guard. The name is the code, so that a test or a line of code can be searched for it.
//
//         name   code     error en                                         es                                            help en   help es
EN_FINDING(E0101, "E0101", 1, "the file cannot be read", "no se puede leer el archivo", "check that it exists and that this user may read it", "revise que exista y los permisos")
EN_FINDING(E0102, "E0102", 1, "not valid YAML", "no es YAML valido", "correct the syntax at this place", "corrija la sintaxis en este lugar")
EN_FINDING(E0103, "E0103", 1, "unknown key", "clave desconocida", "remove it or correct its spelling", "borrela o corrija su ortografia")
EN_FINDING(E0104, "E0104", 1, "the key stands twice", "la clave esta repetida", "keep one of them", "deje solo una")
EN_FINDING(E0105, "E0105", 1, "a key is missing", "falta una clave", "add it", "agreguela")
EN_FINDING(E0106, "E0106", 1, "the value has the wrong form", "el valor tiene una forma incorrecta", "write it as the text says", "escribalo como indica el texto")
EN_FINDING(E0107, "E0107", 1, "anchors, aliases, tags and second documents are not allowed", "no se permiten anclas, alias, etiquetas ni segundos documentos", "write the value out", "escriba el valor completo")
EN_FINDING(E0108, "E0108", 1, "the file is larger or deeper than the limit", "el archivo rebasa el limite", "split it", "dividalo")
EN_FINDING(E0109, "E0109", 1, "two things have the same name", "dos cosas tienen el mismo nombre", "rename one of them", "cambie un nombre")
EN_FINDING(E0110, "E0110", 1, "the first key does not say a known kind", "la primera clave no dice un tipo conocido", "begin with mapping, route, agreement, subscription, agency or table", "empiece con mapping, route, agreement, subscription, agency o table")
EN_FINDING(E0111, "E0111", 1, "the text is not UTF-8", "el texto no es UTF-8", "save the file as UTF-8", "guarde el archivo en UTF-8")
EN_FINDING(E0112, "E0112", 1, "a value is outside its range", "un valor esta fuera de rango", "use a value within the range", "use un valor dentro del rango")
EN_FINDING(E0113, "E0113", 1, "the file does not belong here", "el archivo no va aqui", "move it, or remove it from the rule set", "muevalo o quitelo de las reglas")
EN_FINDING(E0114, "E0114", 1, "the expression language is not there yet", "el lenguaje de expresiones aun no esta disponible", "write the condition as a list of fields and values", "escriba la condicion como lista de campos y valores")
EN_FINDING(E0115, "E0115", 1, "these keys do not go together", "estas claves no van juntas", "keep one of them, or write two lines", "deje una o escriba dos lineas")
EN_FINDING(E0116, "E0116", 1, "not a valid CSV table", "no es una tabla CSV valida", "correct this row: as many columns as the first line, quotes in pairs", "corrija esta fila: tantas columnas como la primera linea, comillas en pares")
