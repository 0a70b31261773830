#include "python/channel.hpp"

#include <exception>
#include <new>
#include <utility>

#include "python/errors.hpp"

namespace py = pybind11;

namespace python {
namespace {

// A Python object of a type of our own, in Python's C API: it is made for each request.
struct Channel {
  PyObject_HEAD  // what every object begins with
      const Asyncio* asyncio;
  std::shared_ptr<Call> call;
};

// A method: what it throws in C++ is raised in Python.
template <typename Method>
PyObject* run(PyObject* self, const Method& method) {
  const Channel& channel = *reinterpret_cast<Channel*>(self);
  try {
    return method(*channel.call).release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    const py::object error = to_python(*channel.asyncio, std::current_exception());
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  }
  return nullptr;
}

PyObject* receive(PyObject* self, PyObject*) {
  return run(self, [](Call& call) { return call.receive(); });
}

PyObject* take(PyObject* self, PyObject*) {
  return run(self, [](Call& call) { return call.take(); });
}

PyObject* leave(PyObject* self, PyObject* future) {
  return run(self, [=](Call& call) -> py::object {
    call.leave(py::reinterpret_borrow<py::object>(future));
    return py::none();
  });
}

PyObject* send(PyObject* self, PyObject* message) {
  return run(self, [=](Call& call) { return call.send(message); });
}

PyObject* finish(PyObject* self, PyObject* error) {
  return run(self, [=](Call& call) -> py::object {
    call.finish(py::reinterpret_borrow<py::object>(error));
    return py::none();
  });
}

void destroy(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  reinterpret_cast<Channel*>(self)->call.~shared_ptr();
  type->tp_free(self);
  Py_DECREF(type);
}

PyTypeObject* channel_type() {
  static PyMethodDef methods[] = {
      {"receive", receive, METH_NOARGS, nullptr}, {"take", take, METH_NOARGS, nullptr},
      {"leave", leave, METH_O, nullptr},          {"send", send, METH_O, nullptr},
      {"finish", finish, METH_O, nullptr},        {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot slots[] = {
      {Py_tp_methods, methods}, {Py_tp_dealloc, reinterpret_cast<void*>(destroy)}, {0, nullptr}};
  static PyType_Spec spec = {"bridge.Channel", sizeof(Channel), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  static PyObject* const type = PyType_FromSpec(&spec);
  if (!type) throw py::error_already_set();
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace

py::object make_channel(const Asyncio& asyncio, std::shared_ptr<Call> call) {
  PyTypeObject* const type = channel_type();
  PyObject* const object = type->tp_alloc(type, 0);
  if (!object) throw py::error_already_set();
  auto* const channel = reinterpret_cast<Channel*>(object);
  channel->asyncio = &asyncio;
  new (&channel->call) std::shared_ptr<Call>(std::move(call));
  return py::reinterpret_steal<py::object>(object);
}

}  // namespace python
