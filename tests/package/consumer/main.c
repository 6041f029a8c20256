// Somebody else's C program.
#include <conclave.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    const char *config = "{\"store\":\":memory:\"}";
    conclave_gateway *gw = NULL;
    conclave_result *tenant = NULL;
    const char *name;
    if (conclave_open(config, strlen(config), NULL, &gw) != CONCLAVE_OK) return 1;
    if (conclave_call_blocking(gw, "tenants.create", "{\"name\":\"Acme\"}", 15, NULL, &tenant) !=
        CONCLAVE_OK)
        return 1;
    name = strstr(conclave_result_document(tenant, NULL), "\"name\":\"");
    printf("conclave %s: %.4s\n", conclave_version(), name + 8);
    conclave_result_release(tenant);
    conclave_close(gw);
    return 0;
}
