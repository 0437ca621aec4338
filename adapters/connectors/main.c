// SPDX-License-Identifier: Apache-2.0
// enlace-adapter: all connectors in one program. A program of your own lists yours here and links libenlace.
#include <enlace/adapter.h>

extern const struct enlace_connector file_connector, http_connector;

int
main(int argc, char **argv)
{
	static const struct enlace_connector *const connectors[] = {&file_connector, &http_connector, 0};

	return enlace_adapter_main(argc, argv, connectors);
}
