"""tug_proto: C++ messages and gRPC stubs from one or more .proto files.

Debian's Bazel 4.2 has no usable cc_proto_library for a system protoc, so the
rule runs protoc and grpc_cpp_plugin itself.
"""

ProtoFiles = provider(fields = ["files"])

def _generate_impl(ctx):
    transitive = [dep[ProtoFiles].files for dep in ctx.attr.deps]
    files = depset(ctx.files.srcs, transitive = transitive)
    outputs = []
    for src in ctx.files.srcs:
        stem = src.basename[:-len(".proto")]
        for suffix in ctx.attr.suffixes:
            outputs.append(ctx.actions.declare_file(stem + suffix))
    root = ctx.bin_dir.path
    arguments = ctx.actions.args()
    arguments.add("-I.")
    if ctx.attr.plugin:
        arguments.add("--plugin=protoc-gen-grpc=" + ctx.attr.plugin)
        arguments.add("--grpc_out=" + root)
    else:
        arguments.add("--cpp_out=" + root)
    arguments.add_all(ctx.files.srcs)
    ctx.actions.run(
        executable = "/usr/bin/protoc",
        arguments = [arguments],
        inputs = files,
        outputs = outputs,
        mnemonic = "Protoc",
    )
    return [
        DefaultInfo(files = depset(outputs)),
        ProtoFiles(files = files),
    ]

_generate = rule(
    implementation = _generate_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".proto"]),
        "deps": attr.label_list(providers = [ProtoFiles]),
        "plugin": attr.string(),
        "suffixes": attr.string_list(),
    },
)

def tug_proto(name, srcs, deps = [], stubs = False, visibility = None):
    """Makes `name` (messages) and, when asked, `name`_stubs (gRPC).

    Args:
      name: the target of the messages.
      srcs: .proto files of this package.
      deps: other tug_proto targets whose messages are used.
      stubs: whether the files declare gRPC services.
      visibility: of the messages; stubs are seen by //build:wire only.
    """
    _generate(
        name = name + "_pb",
        srcs = srcs,
        deps = [dep + "_pb" for dep in deps],
        suffixes = [".pb.cc", ".pb.h"],
        visibility = ["//visibility:public"],
    )
    native.cc_library(
        name = name,
        srcs = [name + "_pb"],
        hdrs = [name + "_pb"],
        copts = ["-w"],
        visibility = visibility,
        deps = deps + ["//third_party:protobuf"],
    )
    if stubs:
        _generate(
            name = name + "_grpc",
            srcs = srcs,
            deps = [dep + "_pb" for dep in deps],
            plugin = "/usr/bin/grpc_cpp_plugin",
            suffixes = [".grpc.pb.cc", ".grpc.pb.h"],
        )
        native.cc_library(
            name = name + "_stubs",
            srcs = [name + "_grpc"],
            hdrs = [name + "_grpc"],
            copts = ["-w"],
            visibility = ["//build:wire"],
            deps = [name, "//third_party:grpc"],
        )
