/* conclave in C: an embeddable, multi-tenant AI agent gateway.
 *
 *     conclave_gateway *gw = NULL;
 *     conclave_error error = CONCLAVE_ERROR_INIT;
 *     conclave_options options = CONCLAVE_OPTIONS_INIT;
 *     options.error = &error;
 *     if (conclave_open(config, strlen(config), &options, &gw) != CONCLAVE_OK)
 *         return report(error.message);
 *     conclave_result *result = NULL;
 *     options.tenant_id = "tnt_...";
 *     if (conclave_call_blocking(gw, "messages.send", doc, strlen(doc), &options, &result) == 0)
 *         puts(conclave_result_document(result, NULL));
 *     conclave_result_release(result);
 *     conclave_close(gw);
 *
 * Operations are called by name with a JSON document in and out, as the contract lists them
 * (conclave_describe). Documents are UTF-8 of explicit length; unknown fields are refused.
 *
 * Rules for every function. It may be called from any thread. It returns CONCLAVE_OK or a status of
 * the error table; on failure nothing changed and there is nothing to free. Handles are numbers
 * behind pointer types, never addresses: a handle that was closed, released or never given out is
 * CONCLAVE_HANDLE_CLOSED, not undefined. Functions that end a handle return void and accept NULL.
 * After a fork the child has the handles, too, but CONCLAVE_HANDLE_FORKED is all that a gateway
 * used before the fork, or any port made before it, gives there; one that was opened and not yet
 * used works. CONCLAVE_OUT_OF_MEMORY may come from any function. A structure begins with its size,
 * set by its INIT macro; new members come at its end only. No C++ exception leaves the library. */
#ifndef CONCLAVE_H
#define CONCLAVE_H

#include <conclave_status.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CONCLAVE_C_API __attribute__((visibility("default")))
#else
#define CONCLAVE_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** An open store. Since 0.1. */
typedef struct conclave_gateway conclave_gateway;
/** A queue of events for one event loop or one waiting thread. Since 0.1. */
typedef struct conclave_port conclave_port;
/** A document that belongs to the caller. Since 0.1. */
typedef struct conclave_result conclave_result;

enum { CONCLAVE_ERROR_MESSAGE_BYTES = 512, CONCLAVE_ERROR_DOCUMENT_BYTES = 4096 };

/** What went wrong, in memory of the caller's own. Since 0.1. */
typedef struct conclave_error {
    uint32_t size;  /**< sizeof(conclave_error), from CONCLAVE_ERROR_INIT */
    int32_t status; /**< conclave_status */
    /** One line, UTF-8, ends with NUL; cut at a character if it would not fit. Safe to log. */
    char message[CONCLAVE_ERROR_MESSAGE_BYTES];
    /** Bytes in `document` without the NUL after them. */
    uint64_t document_length;
    /** {"code", "message", "details", "request_id", "retryable", "retry_after_ms", "http_status"};
     * without its details if it would not fit. */
    char document[CONCLAVE_ERROR_DOCUMENT_BYTES];
} conclave_error;

#define CONCLAVE_ERROR_INIT                                \
    {                                                      \
        (uint32_t)sizeof(conclave_error), 0, {0}, 0, { 0 } \
    }

/** What may go with a call; all of it may be left at its INIT value, and the whole be NULL. Texts
 * end with NUL and are copied before the call returns. VALIDATION_ERROR for a structure that is
 * shorter than the library's, or longer with anything but zeros in what the library does not know;
 * `error` is then filled only if it lies where the library looks for it. Since 0.1. */
typedef struct conclave_options {
    uint32_t size;         /**< sizeof(conclave_options), from CONCLAVE_OPTIONS_INIT */
    uint32_t reserved;     /**< 0 */
    const char* api_key;   /**< opens the tenant; checked at each call */
    const char* tenant_id; /**< of a tenant that the host has authenticated itself */
    /** Taken over into replies, errors and logs: at most 128 bytes of UTF-8 without control
     * characters. NULL: a new one. */
    const char* request_id;
    /** Of an operation that registers a host handler: where its calls go if the request that causes
     * one has no port of its own, is over or came through another gateway. */
    conclave_port* port;
    conclave_error* error; /**< filled on failure, left alone on success */
    /** How long the caller of a send or stream waits, 1 ms to 24 h; 0: as its document says. */
    int64_t deadline_ms;
} conclave_options;

#define CONCLAVE_OPTIONS_INIT \
    { (uint32_t)sizeof(conclave_options), 0, NULL, NULL, NULL, NULL, NULL, 0 }

/** The version of the library, "0.1.0". Never blocks; lives as long as the process. Since 0.1. */
CONCLAVE_C_API const char* conclave_version(void);

/** The name of a status as it stands in documents, "VALIDATION_ERROR"; "OK" for 0 and
 * "INTERNAL_ERROR" for a number outside the table. Never blocks; lives as long as the process.
 * Since 0.1. */
CONCLAVE_C_API const char* conclave_status_name(int32_t status);

/** The contract: every operation with the JSON Schemas of its documents, every error. Its length
 * goes to `*length` unless that is NULL. Never blocks; lives as long as the process. Since 0.1. */
CONCLAVE_C_API const char* conclave_describe(size_t* length);

/** Opens the store that the document names: {"store": "app.db", ...}, the document `open` of the
 * contract. Lazy: no thread and no file before first use, so errors of the file come then. The same
 * file opened twice in a process is one engine, shared and counted. VALIDATION_ERROR names the
 * field; CONFLICT if the file is open in this process with other options. Since 0.1. */
CONCLAVE_C_API int32_t conclave_open(const char* config, size_t config_length,
                                     const conclave_options* options, conclave_gateway** gateway);

/** Ends the handle. Sends in flight may finish for the drain time of `open` (5 s), then they are
 * written as unknown; requests still under way complete with HANDLE_CLOSED. Blocks for at most the
 * drain and the last writes; the operation gateway.close does the same through a port. Not from a
 * port's callback. NULL and a handle closed before are ignored. Since 0.1. */
CONCLAVE_C_API void conclave_close(conclave_gateway* gateway);

/** Calls an operation and waits. On success `*result` is the document, to be released. Host
 * handlers that the call needs are asked on the port they were registered with: another thread must
 * serve it. Streams are for ports only: UNSUPPORTED. Since 0.1. */
CONCLAVE_C_API int32_t conclave_call_blocking(conclave_gateway* gateway, const char* operation,
                                              const char* document, size_t document_length,
                                              const conclave_options* options,
                                              conclave_result** result);

/** Starts an operation; never blocks on its work. Exactly one completion event for `*request`
 * (numbers from 1, never used twice in a process) comes on the port, its place kept from now on;
 * not if this call fails. STORE_BUSY while 100,000 requests are under way on the port. Errors that
 * need no waiting may come at once or as the completion. Host handlers that the request needs are
 * asked on the same port if they were registered through this gateway. Since 0.1. */
CONCLAVE_C_API int32_t conclave_submit(conclave_gateway* gateway, conclave_port* port,
                                       const char* operation, const char* document,
                                       size_t document_length, const conclave_options* options,
                                       uint64_t* request);

/** Asks a request to end its wait: it completes with CANCELLED unless it was done already. A
 * provider that was called is let finish and billed once; the same idempotency key finds its answer
 * (policy on_cancel). Operations other than sends and streams are let finish. A number that is not
 * under way is ignored. Never blocks. Since 0.1. */
CONCLAVE_C_API int32_t conclave_cancel(conclave_gateway* gateway, uint64_t request);

/** Asks a stream for its next `count` events (1 to 1000); none comes unasked. Never blocks. A
 * number that is not a stream under way is ignored. Since 0.1. */
CONCLAVE_C_API int32_t conclave_stream_pull(conclave_gateway* gateway, uint64_t request,
                                            uint32_t count);

/** Answers a host call, once: with status 0 the document is the answer (of a provider {"text",
 * "tokens_in"?, "tokens_out"?, "model"?, "finish_reason"?}, of a tool {"content"}), with another
 * one of the error table it is {"message"?, "retry_after_ms"?} and may be empty. `gateway` may be
 * any open one: numbers of calls are the process's. An answer that comes too late, twice or for an
 * unknown number is ignored. VALIDATION_ERROR names the field; the call then still waits for an
 * answer. Never blocks. Since 0.1. */
CONCLAVE_C_API int32_t conclave_reply(conclave_gateway* gateway, uint64_t call, int32_t status,
                                      const char* document, size_t document_length,
                                      const conclave_options* options);

/** Adds visible text to the answer of a provider call under way; its reply may then leave out
 * `text`. VALIDATION_ERROR if it is not UTF-8. Never blocks. Since 0.1. */
CONCLAVE_C_API int32_t conclave_reply_text(conclave_gateway* gateway, uint64_t call,
                                           const char* text, size_t text_length);

enum {
    CONCLAVE_EVENT_NONE = 0,       /**< nothing came before the time was up */
    CONCLAVE_EVENT_COMPLETION = 1, /**< of `request`: its result, or the error of `status` */
    CONCLAVE_EVENT_STREAM = 2,     /**< one event of the stream `request`, before its completion */
    /** A handler of the host is wanted: {"kind": "provider" or "tool", "name", "request"}, to be
     * answered with conclave_reply(call). `request` is the one that caused it, or 0. */
    CONCLAVE_EVENT_HOST_CALL = 3,
    CONCLAVE_EVENT_HOST_CALL_ENDED = 4 /**< nobody waits for the answer to `call` any more */
};

/** What a port gives. `result` is the caller's to release; NULL only with NONE and
 * HOST_CALL_ENDED. With a status other than 0 it is an error document. Since 0.1. */
typedef struct conclave_event {
    uint32_t size; /**< sizeof(conclave_event), from CONCLAVE_EVENT_INIT */
    uint32_t kind; /**< CONCLAVE_EVENT_... */
    uint64_t request;
    uint64_t call;
    int32_t status;
    int32_t reserved;
    conclave_result* result;
} conclave_event;

#define CONCLAVE_EVENT_INIT \
    { (uint32_t)sizeof(conclave_event), 0, 0, 0, 0, 0, NULL }

/** Makes a port. It belongs to an event loop or thread, not to a gateway, and serves any number of
 * them. Since 0.1. */
CONCLAVE_C_API int32_t conclave_port_new(const conclave_options* options, conclave_port** port);

/** A descriptor that is readable while the port has events (Linux: an eventfd); only for poll,
 * never to be read, written or closed. It lives as long as the port. -1 if the port is closed or
 * none can be had. Since 0.1. */
CONCLAVE_C_API int conclave_port_fd(conclave_port* port);

/** Instead of the descriptor: `ready(user_data)` runs whenever an empty port gets an event, on the
 * thread that brings it (one of the engine, or one that submits or cancels), and inside this call
 * if events wait already. It must not block, call conclave or take a lock that is held around calls
 * of conclave. NULL ends it, and when this returns it does not run any more. Since 0.1. */
CONCLAVE_C_API int32_t conclave_port_on_ready(conclave_port* port, void (*ready)(void* user_data),
                                              void* user_data);

/** Takes the oldest event, waiting for at most `timeout_ms` (0: not at all; -1, or more than 24 h:
 * for as long as it takes). OK with kind NONE when there was none; HANDLE_CLOSED once the port is
 * freed, also for those who wait. Any number of threads. Since 0.1. */
CONCLAVE_C_API int32_t conclave_port_next(conclave_port* port, int64_t timeout_ms,
                                          conclave_event* event);

/** Ends a port and drops its events. Requests under way go on without anybody to tell; host calls
 * on it fail as if their handler had. Since 0.1. */
CONCLAVE_C_API void conclave_port_free(conclave_port* port);

/** The document, with a NUL after it; its length goes to `*length` unless that is NULL. Never
 * blocks; lives until the result is released. NULL for a released result. Since 0.1. */
CONCLAVE_C_API const char* conclave_result_document(const conclave_result* result, size_t* length);

/** Gives a result back. NULL and one released before are ignored. Since 0.1. */
CONCLAVE_C_API void conclave_result_release(conclave_result* result);

#ifdef __cplusplus
}
#endif

#endif
