// SPDX-License-Identifier: Apache-2.0
// The examples of config/mappings/README.md as one mapping, with the tables that they name. Include after difficulty.h.
#ifndef EN_TESTS_UNIT_MAP_PAGE_H
#define EN_TESTS_UNIT_MAP_PAGE_H

#define PAGE "config/mappings/README.md"

// Every line of every ```yaml block, as the lines of one `set`.
static inline void
page_lines(struct buf *set)
{
	struct buf page = BUF_EMPTY;
	bool inside = false;
	char *rest, *line;

	assert_ok(buf_read_file(&page, PAGE, LIMIT_YAML_BYTES));
	rest = (char *)(uintptr_t)buf_cstr(&page);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "```", 3) == 0) {
			inside = strcmp(line, "```yaml") == 0;
		} else if (inside) {
			buf_printf(set, "  %s\n", line);
		}
	}
	buf_fini(&page);
}

static inline void
page_tables(struct probe *p)
{
	table(
	    p, "table: usuarios\ncolumns: [user, agency, email]\n", "user,agency,email\nmaria,unicef,m@example.org\n");
	table(p,
	    "table: lugares\ncolumns: [code, parent, level, name]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
	    "code,parent,level,name\n07,,adm1,Chiapas\n07089,07,adm2,Tapachula\n");
	table(p, "table: registro-sexo\n", "from,to\nF,FEMALE\nM,MALE\n");
	table(p, "table: ida-y-vuelta\ndirection: both_ways\n", "from,to\nA,uno\nB,dos\n");
	table(p, "table: kilos\n", "from,to\nkg,1\nlb,0.45359237\n");
	table(p, "table: pais\n", "from,to\nHONDURENA,HND\n");
	table(p, "table: lada\ncolumns: [country, code, trunk, lengths, infix]\n",
	    "country,code,trunk,lengths,infix\nMEX,52,044|045|01,10,1\n");
}

// A record that every line of the page can read.
static const char page_record[] =
    "{\"folio\": \"A-1\", \"usuario\": \"maria\", \"agencia\": \"unicef\", \"municipio\": \"07089\", \"nna\": \"S\", \"edad\": \"13\", "
    "\"nombre_completo\": \"Ana Lopez Paz\", \"peso\": \"1.234,5\", \"unidad\": \"lb\", \"caso\": \"c\", \"fecha_registro\": \"23/11/2026\", "
    "\"nacimiento\": \"05/03/2011\", \"telefono\": \"044 962 123 4567\", \"clase\": \"\", \"idiomas\": \"mam es\", \"sexo\": \"F\", "
    "\"nota\": \"<p>hola</p>\", \"observacion\": \"exp. 803-000515 (copia)\", \"estado\": \"Accetped\", \"coordenadas\": \"POINT (-92.26 14.9)\", \"victimas\": \"4\", \"entidad\": \"07\", "
    "\"violacion\": \"si\", \"ind_01\": \"S\", \"nacionalidad\": \"X\", "
    "\"servicios\": [{\"status\": \"open\", \"case_id\": \"c1\", \"service_type\": \"x\"}, {\"status\": \"primary\", \"case_id\": \"c1\"}], "
    "\"traslados\": [{\"status\": \"done\", \"created_at\": \"2\", \"note\": \"n\"}, {\"status\": \"done\", \"created_at\": \"1\"}]}";

#endif
