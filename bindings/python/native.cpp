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
//    waiting function is a plain C function, not one that pybind11 wraps.
// 3. Once the exit handlers run, any other thread that comes back from its wait is parked for ever
//    instead: only daemon threads are left, and their exceptions would be noise on stderr.
#include <conclave.h>
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

void raise_failure(const conclave_error& error) {
    PyObject* document = PyUnicode_DecodeUTF8(
        error.document, static_cast<Py_ssize_t>(error.document_length), "strict");
    if (document != nullptr) {
        PyErr_SetObject(failure_type, document);
        Py_DECREF(document);
    }
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

// port_next(port, timeout_ms): the oldest event, or None. See rules 2 and 3.
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
        while (parked()) pause();
        PyEval_RestoreThread(thread);
    }
    if (status != CONCLAVE_OK) {
        PyErr_Format(failure_type, R"({"code": "%s", "message": "the port is closed"})",
                     conclave_status_name(status));
        return nullptr;
    }
    return to_python(event);
}

PyMethodDef waiting_functions[] = {{"port_next", port_next, METH_VARARGS, nullptr},
                                   {nullptr, nullptr, 0, nullptr}};

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

[[noreturn]] void refuse(const char* field, const char* problem) {
    PyErr_Format(failure_type,
                 R"({"code": "VALIDATION_ERROR", "message": "%s %s", "details": {"field": "%s"}})",
                 field, problem, field);
    throw py::error_already_set();
}

// An optional text of conclave_options, where it ends with NUL; None is a null pointer.
const char* option_of(py::handle value, const char* field) {
    if (value.is_none()) return nullptr;
    if (!PyUnicode_Check(value.ptr())) refuse(field, "must be a text");
    Py_ssize_t length = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &length);
    if (text == nullptr) {
        PyErr_Clear();
        refuse(field, "holds a lone surrogate");
    }
    if (std::strlen(text) != static_cast<std::size_t>(length)) refuse(field, "holds a NUL");
    return text;
}

std::uint64_t submit(std::uint64_t gateway, std::uint64_t port, const char* operation,
                     std::string_view document, py::handle tenant_id, py::handle request_id,
                     std::uint64_t host_port) {
    conclave_error error = CONCLAVE_ERROR_INIT;
    conclave_options options = CONCLAVE_OPTIONS_INIT;
    options.error = &error;
    options.tenant_id = option_of(tenant_id, "tenant_id");
    options.request_id = option_of(request_id, "request_id");
    options.port = port_of(host_port);
    std::uint64_t request = 0;
    check(conclave_submit(gateway_of(gateway), port_of(port), operation, document.data(),
                          document.size(), &options, &request),
          error);
    return request;
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
    PyModule_AddFunctions(module.ptr(), waiting_functions);

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
    module.def("submit", &submit);
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
