// The extension conclave._native: the C ABI as functions of Python, and nothing else.
//
// Handles are plain integers; documents are bytes on the way in and text on the way out. A failed
// call raises Failure with the error document; the package turns it into its own exceptions.
//
// 1. No thread of the engine ever takes the interpreter's lock. Events wait in a port until a
//    thread of Python fetches them.
// 2. A thread that waits gives the lock back with PyEval_SaveThread and has nothing to destroy on
//    its stack when it asks for it again: while the interpreter ends, PyEval_RestoreThread unwinds
//    a daemon thread, and a destructor on the way would touch Python without the lock. So the
//    waiting functions are plain C functions, not such as pybind11 wraps.
// 3. Once the exit handlers run, any other thread that comes back from its wait is parked for ever
//    instead: only daemon threads are left, and their exceptions would be noise on stderr.
#define PY_SSIZE_T_CLEAN
#include <conclave.h>
#include <poll.h>
#include <pthread.h>
#include <pybind11/pybind11.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace py = pybind11;

namespace {

PyObject* failure_type = nullptr;
std::atomic<bool> parking{false};
pthread_t exit_thread;  // written before parking is

bool parked() {
    return parking.load(std::memory_order_acquire) && !pthread_equal(exit_thread, pthread_self());
}

conclave_gateway* gateway_of(std::uint64_t handle) {
    return reinterpret_cast<conclave_gateway*>(static_cast<std::uintptr_t>(handle));
}

conclave_port* port_of(std::uint64_t handle) {
    return reinterpret_cast<conclave_port*>(static_cast<std::uintptr_t>(handle));
}

std::uint64_t number_of(const void* handle) {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle));
}

PyObject* raise_failure(const conclave_error& error) {
    PyObject* document = PyUnicode_DecodeUTF8(
        error.document, static_cast<Py_ssize_t>(error.document_length), "strict");
    if (document != nullptr) {
        PyErr_SetObject(failure_type, document);
        Py_DECREF(document);
    }
    return nullptr;
}

void check(std::int32_t status, const conclave_error& error) {
    if (status != CONCLAVE_OK) {
        raise_failure(error);
        throw py::error_already_set();
    }
}

// (kind, request, call, status, document), or None when there was no event. Releases the result.
PyObject* to_python(const conclave_event& event) {
    if (event.kind == CONCLAVE_EVENT_NONE) Py_RETURN_NONE;
    std::size_t length = 0;
    const char* document = conclave_result_document(event.result, &length);
    PyObject* text = PyUnicode_DecodeUTF8(document, static_cast<Py_ssize_t>(length), "strict");
    conclave_result_release(event.result);
    return Py_BuildValue("(IKKiN)", event.kind, event.request, event.call, event.status, text);
}

// --- Functions that wait: see rules 2 and 3 -----------------------------------------------------

constexpr int signals_every_ms = 100;

// Without the interpreter's lock, for as long as it takes. Who heeds signals also gets no event, to
// look for them: at once when one ends the wait for the descriptor; within signals_every_ms when it
// came just before the wait, or to another thread.
std::int32_t wait_for_event(conclave_port* port, bool heeds_signals, conclave_event& event) {
    if (!heeds_signals) return conclave_port_next(port, -1, &event);
    const auto status = conclave_port_next(port, 0, &event);
    if (status != CONCLAVE_OK || event.kind != CONCLAVE_EVENT_NONE) return status;
    pollfd arrival{conclave_port_fd(port), POLLIN, 0};
    if (arrival.fd < 0) return conclave_port_next(port, signals_every_ms, &event);
    if (poll(&arrival, 1, signals_every_ms) <= 0) return CONCLAVE_OK;
    return conclave_port_next(port, 0, &event);
}

void take_lock(PyThreadState* thread) {
    while (parked()) pause();
    PyEval_RestoreThread(thread);
}

PyObject* raise_closed(std::int32_t status) {
    return PyErr_Format(failure_type, R"({"code": "%s", "message": "the port is closed"})",
                        conclave_status_name(status));
}

// The oldest event once there is one; null when the port is closed or a signal's handler raised.
PyObject* next_event(conclave_port* port, bool heeds_signals) {
    conclave_event event = CONCLAVE_EVENT_INIT;
    for (;;) {
        PyThreadState* thread = PyEval_SaveThread();
        const auto status = wait_for_event(port, heeds_signals, event);
        take_lock(thread);
        if (status != CONCLAVE_OK) return raise_closed(status);
        if (event.kind != CONCLAVE_EVENT_NONE) return to_python(event);
        if (PyErr_CheckSignals() != 0) return nullptr;
    }
}

// port_wait(port, heeds_signals): the oldest event.
PyObject* port_wait(PyObject*, PyObject* arguments) {
    unsigned long long port = 0;
    int heeds_signals = 0;
    if (!PyArg_ParseTuple(arguments, "Kp", &port, &heeds_signals)) return nullptr;
    return next_event(port_of(port), heeds_signals != 0);
}

// port_next(port, timeout_ms): the oldest event, or None.
PyObject* port_next(PyObject*, PyObject* arguments) {
    unsigned long long port = 0;
    long long timeout_ms = 0;
    if (!PyArg_ParseTuple(arguments, "KL", &port, &timeout_ms)) return nullptr;
    conclave_event event = CONCLAVE_EVENT_INIT;
    std::int32_t status = CONCLAVE_OK;
    if (timeout_ms == 0) {
        status = conclave_port_next(port_of(port), 0, &event);
    } else {
        PyThreadState* thread = PyEval_SaveThread();
        status = conclave_port_next(port_of(port), timeout_ms, &event);
        take_lock(thread);
    }
    return status == CONCLAVE_OK ? to_python(event) : raise_closed(status);
}

// --- Requests -----------------------------------------------------------------------------------

bool refuse(const char* field, const char* problem) {
    PyErr_Format(failure_type,
                 R"({"code": "VALIDATION_ERROR", "message": "%s %s", "details": {"field": "%s"}})",
                 field, problem, field);
    return false;
}

// An optional text of conclave_options, where it ends with NUL; None is a null pointer.
bool read_option(PyObject* value, const char* field, const char*& option) {
    if (value == Py_None) return true;
    if (!PyUnicode_Check(value)) return refuse(field, "must be a text");
    Py_ssize_t length = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value, &length);
    if (text == nullptr) {
        PyErr_Clear();
        return refuse(field, "holds a lone surrogate");
    }
    if (std::strlen(text) != static_cast<std::size_t>(length)) return refuse(field, "holds a NUL");
    option = text;
    return true;
}

// What submit and call take. The texts belong to the arguments.
struct request_arguments {
    conclave_gateway* gateway = nullptr;
    conclave_port* port = nullptr;
    const char* operation = nullptr;
    const char* document = nullptr;
    std::size_t length = 0;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    bool heeds_signals = false;
};

bool read_arguments(PyObject* arguments, request_arguments& read) {
    unsigned long long gateway = 0;
    unsigned long long port = 0;
    unsigned long long host_port = 0;
    Py_ssize_t length = 0;
    PyObject* tenant_id = nullptr;
    PyObject* request_id = nullptr;
    int heeds_signals = 0;
    if (!PyArg_ParseTuple(arguments, "KKsy#OOK|p", &gateway, &port, &read.operation, &read.document,
                          &length, &tenant_id, &request_id, &host_port, &heeds_signals))
        return false;
    read.gateway = gateway_of(gateway);
    read.port = port_of(port);
    read.length = static_cast<std::size_t>(length);
    read.options.port = port_of(host_port);
    read.heeds_signals = heeds_signals != 0;
    return read_option(tenant_id, "tenant_id", read.options.tenant_id) &&
           read_option(request_id, "request_id", read.options.request_id);
}

std::int32_t start(request_arguments& r, conclave_error& error, std::uint64_t& request) {
    r.options.error = &error;
    return conclave_submit(r.gateway, r.port, r.operation, r.document, r.length, &r.options,
                           &request);
}

// submit(gateway, port, operation, document, tenant_id, request_id, host_port): the number
PyObject* submit(PyObject*, PyObject* arguments) {
    request_arguments read;
    if (!read_arguments(arguments, read)) return nullptr;
    conclave_error error = CONCLAVE_ERROR_INIT;
    std::uint64_t request = 0;
    if (start(read, error, request) != CONCLAVE_OK) return raise_failure(error);
    return PyLong_FromUnsignedLongLong(request);
}

// call(as submit, heeds_signals): (number, the port's next event). Whatever it raises, the request
// is not under way any more.
PyObject* call(PyObject*, PyObject* arguments) {
    request_arguments read;
    if (!read_arguments(arguments, read)) return nullptr;
    conclave_error error = CONCLAVE_ERROR_INIT;
    std::uint64_t request = 0;
    conclave_event event = CONCLAVE_EVENT_INIT;
    // Given back once for both: the way to the event is as long as one in C.
    PyThreadState* thread = PyEval_SaveThread();
    const auto started = start(read, error, request);
    auto status = started;
    if (started == CONCLAVE_OK) status = wait_for_event(read.port, read.heeds_signals, event);
    take_lock(thread);
    if (started != CONCLAVE_OK) return raise_failure(error);
    PyObject* came = nullptr;
    if (status != CONCLAVE_OK)
        raise_closed(status);
    else if (event.kind != CONCLAVE_EVENT_NONE)
        came = to_python(event);
    else if (PyErr_CheckSignals() == 0)
        came = next_event(read.port, read.heeds_signals);
    if (came == nullptr) {
        conclave_cancel(read.gateway, request);
        return nullptr;
    }
    return Py_BuildValue("(KN)", request, came);
}

PyMethodDef plain_functions[] = {{"port_wait", port_wait, METH_VARARGS, nullptr},
                                 {"port_next", port_next, METH_VARARGS, nullptr},
                                 {"submit", submit, METH_VARARGS, nullptr},
                                 {"call", call, METH_VARARGS, nullptr},
                                 {nullptr, nullptr, 0, nullptr}};

// --- What needs no care -------------------------------------------------------------------------

std::uint64_t open_gateway(std::string_view config) {
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    conclave_gateway* gateway = nullptr;
    check(conclave_open(config.data(), config.size(), &options, &gateway), error);
    return number_of(gateway);
}

void close_gateway(std::uint64_t gateway) {
    PyThreadState* thread = PyEval_SaveThread();
    conclave_close(gateway_of(gateway));
    PyEval_RestoreThread(thread);
}

std::uint64_t port_new() {
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    conclave_port* port = nullptr;
    check(conclave_port_new(&options, &port), error);
    return number_of(port);
}

void reply(std::uint64_t gateway, std::uint64_t call, std::int32_t status,
           std::string_view document) {
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    check(conclave_reply(gateway_of(gateway), call, status, document.data(), document.size(),
                         &options),
          error);
}

// False when the engine refuses the text.
bool reply_text(std::uint64_t gateway, std::uint64_t call, std::string_view text) {
    return conclave_reply_text(gateway_of(gateway), call, text.data(), text.size()) == CONCLAVE_OK;
}

}  // namespace

PYBIND11_MODULE(_native, module) {
    failure_type = PyErr_NewException("conclave._native.Failure", nullptr, nullptr);
    module.attr("Failure") = py::handle(failure_type);
    PyModule_AddFunctions(module.ptr(), plain_functions);

    module.def("version", &conclave_version);
    module.def("describe", [] {
        std::size_t length = 0;
        const char* contract = conclave_describe(&length);
        return py::bytes(contract, length);
    });
    module.def("open", &open_gateway);
    module.def("close", &close_gateway);
    module.def("port_new", &port_new);
    module.def("port_fd", [](std::uint64_t port) { return conclave_port_fd(port_of(port)); });
    module.def("port_free", [](std::uint64_t port) { conclave_port_free(port_of(port)); });
    module.def("cancel", [](std::uint64_t gateway, std::uint64_t request) {
        conclave_cancel(gateway_of(gateway), request);
    });
    module.def("stream_pull",
               [](std::uint64_t gateway, std::uint64_t request, std::uint32_t count) {
                   conclave_stream_pull(gateway_of(gateway), request, count);
               });
    module.def("reply", &reply);
    module.def("reply_text", &reply_text);
    module.def("park", [] {
        exit_thread = pthread_self();
        parking.store(true, std::memory_order_release);
    });
}
