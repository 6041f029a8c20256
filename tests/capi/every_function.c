// A C program that uses the whole C API: a blocking host, an event loop, a provider of the host's.
#include <conclave.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static conclave_error error = CONCLAVE_ERROR_INIT;
static conclave_options options = CONCLAVE_OPTIONS_INIT;

static void require(int truth, const char* what) {
    if (truth) return;
    fprintf(stderr, "every_function: %s; last error: %s\n", what, error.document);
    exit(EXIT_FAILURE);
}

/* Copies the string member `key` of a document; enough for documents that are known. */
static void member(const char* document, const char* key, char* out, size_t capacity) {
    char mark[64];
    const char* at;
    size_t length;
    snprintf(mark, sizeof mark, "\"%s\":\"", key);
    at = strstr(document, mark);
    require(at != NULL, mark);
    at += strlen(mark);
    length = strcspn(at, "\"");
    require(length < capacity, "a member is too long");
    memcpy(out, at, length);
    out[length] = '\0';
}

static void call(conclave_gateway* gw, const char* operation, const char* document, char* out,
                 size_t capacity) {
    conclave_result* result = NULL;
    size_t length = 0;
    const char* text;
    require(conclave_call_blocking(gw, operation, document, strlen(document), &options, &result) ==
                CONCLAVE_OK,
            operation);
    text = conclave_result_document(result, &length);
    require(text != NULL && strlen(text) == length, "a document ends with NUL");
    require(length < capacity, "a document is too long");
    memcpy(out, text, length + 1);
    conclave_result_release(result);
    require(conclave_result_document(result, NULL) == NULL, "a released result has no document");
    conclave_result_release(result);
}

static void rung(void* count) { ++*(int*)count; }

/* Serves a port until the completion of `request`; answers calls of the host's provider. */
static int32_t serve(conclave_gateway* gw, conclave_port* port, uint64_t request, char* out,
                     size_t capacity) {
    struct pollfd readable;
    readable.fd = conclave_port_fd(port);
    readable.events = POLLIN;
    require(readable.fd >= 0, "a port has a descriptor");
    for (;;) {
        conclave_event event = CONCLAVE_EVENT_INIT;
        require(poll(&readable, 1, 20000) == 1, "no event came");
        require(conclave_port_next(port, 0, &event) == CONCLAVE_OK, "conclave_port_next");
        if (event.kind == CONCLAVE_EVENT_HOST_CALL) {
            static const char answer[] = "{\"tokens_in\":3,\"tokens_out\":2}";
            require(event.request == request, "a host call names the request that caused it");
            require(conclave_reply_text(gw, event.call, "from the ", 9) == CONCLAVE_OK, "text");
            require(conclave_reply_text(gw, event.call, "host", 4) == CONCLAVE_OK, "text");
            require(conclave_reply(gw, event.call, CONCLAVE_OK, answer, strlen(answer), &options) ==
                        CONCLAVE_OK,
                    "conclave_reply");
        } else if (event.kind == CONCLAVE_EVENT_COMPLETION && event.request == request) {
            const char* text = conclave_result_document(event.result, NULL);
            require(strlen(text) < capacity, "a document is too long");
            strcpy(out, text);
            conclave_result_release(event.result);
            return event.status;
        }
        conclave_result_release(event.result);
    }
}

static void contract(void) {
    size_t length = 0;
    const char* text = conclave_describe(&length);
    require(strlen(text) == length && text[0] == '{', "conclave_describe");
    require(strcmp(conclave_version(), "0.1.0") == 0, "conclave_version");
    require(strcmp(conclave_status_name(CONCLAVE_OK), "OK") == 0, "the name of 0");
    require(strcmp(conclave_status_name(CONCLAVE_VALIDATION_ERROR), "VALIDATION_ERROR") == 0,
            "the name of 1");
    require(strcmp(conclave_status_name(4711), "INTERNAL_ERROR") == 0, "the name of no status");
}

int main(void) {
    static const char config[] =
        "{\"store\":\":memory:\",\"providers\":[{\"name\":\"host\",\"kind\":\"callback\"}],"
        "\"prices\":[{\"provider\":\"host\",\"model\":\"*\",\"usd_per_1k_tokens\":\"0.002\"}]}";
    char out[8192], document[512], tenant[64], agent[64], session[64];
    conclave_gateway* gw = NULL;
    conclave_port* port = NULL;
    conclave_event event = CONCLAVE_EVENT_INIT;
    uint64_t request = 0;
    int rings = 0;

    contract();
    options.error = &error;
    require(conclave_open("{}", 2, &options, &gw) == CONCLAVE_VALIDATION_ERROR,
            "store is required");
    require(gw == NULL && strstr(error.document, "\"store\"") != NULL, "the error names the field");
    require(conclave_open(config, strlen(config), &options, &gw) == CONCLAVE_OK, "conclave_open");

    call(gw, "tenants.create", "{\"name\":\"Acme\"}", out, sizeof out);
    member(out, "id", tenant, sizeof tenant);
    options.tenant_id = tenant;
    call(gw, "agents.create", "{\"name\":\"Support\",\"primary\":\"host/m\"}", out, sizeof out);
    member(out, "id", agent, sizeof agent);
    snprintf(document, sizeof document, "{\"agent_id\":\"%s\"}", agent);
    call(gw, "sessions.create", document, out, sizeof out);
    member(out, "id", session, sizeof session);

    require(conclave_port_new(NULL, &port) == CONCLAVE_OK, "conclave_port_new");
    require(conclave_port_on_ready(port, rung, &rings) == CONCLAVE_OK, "conclave_port_on_ready");
    require(conclave_port_next(port, 0, &event) == CONCLAVE_OK && event.kind == CONCLAVE_EVENT_NONE,
            "an empty port gives nothing");
    snprintf(document, sizeof document,
             "{\"session_id\":\"%s\",\"content\":\"Hi\",\"idempotency_key\":\"k1\"}", session);
    options.request_id = "req_of_this_test";
    require(conclave_submit(gw, port, "messages.send", document, strlen(document), &options,
                            &request) == CONCLAVE_OK,
            "conclave_submit");
    require(serve(gw, port, request, out, sizeof out) == CONCLAVE_OK, out);
    require(strstr(out, "\"content\":\"from the host\"") != NULL, "the host's own answer");
    require(strstr(out, "\"cost_usd\":\"0.00001\"") != NULL, "5 tokens at 0.002 per 1,000");
    require(strstr(out, "\"request_id\":\"req_of_this_test\"") != NULL, "the host's request id");
    require(rings > 0, "the callback rang");
    require(conclave_port_on_ready(port, NULL, NULL) == CONCLAVE_OK, "the callback ends");

    require(conclave_cancel(gw, request) == CONCLAVE_OK, "a request that is over is ignored");
    require(conclave_stream_pull(gw, request, 1) == CONCLAVE_OK, "and so it is by a pull");
    require(conclave_stream_pull(gw, request, 0) == CONCLAVE_VALIDATION_ERROR, "0 events");
    require(conclave_submit(gw, port, "gateway.close", "", 0, &options, &request) == CONCLAVE_OK,
            "gateway.close");
    require(serve(gw, port, request, out, sizeof out) == CONCLAVE_OK, "closed");
    conclave_close(gw);
    require(conclave_cancel(gw, request) == CONCLAVE_HANDLE_CLOSED, "a closed gateway");
    conclave_close(gw);
    conclave_close(NULL);
    conclave_port_free(port);
    require(conclave_port_next(port, 0, &event) == CONCLAVE_HANDLE_CLOSED, "a freed port");
    conclave_port_free(port);
    conclave_port_free(NULL);
    puts("every function of the C API was used");
    return EXIT_SUCCESS;
}
