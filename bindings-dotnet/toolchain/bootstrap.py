"""Compiles csc.cs with the compiler library itself: bootstrap.py DOTNET_FOLDER COMPILER_FOLDER RUNTIMECONFIG."""
import glob
import pathlib
import sys

from clr_loader import get_coreclr
from pythonnet import set_runtime

dotnet, compiler, config = sys.argv[1:]
set_runtime(get_coreclr(dotnet_root=dotnet, runtime_config=config))
import clr  # noqa: E402  (needs the runtime chosen above)

clr.AddReference(compiler + "/Microsoft.CodeAnalysis")
clr.AddReference(compiler + "/Microsoft.CodeAnalysis.CSharp")
from Microsoft.CodeAnalysis import MetadataReference, OutputKind, SyntaxTree  # noqa: E402
from Microsoft.CodeAnalysis.CSharp import (  # noqa: E402
    CSharpCompilation, CSharpCompilationOptions, CSharpSyntaxTree)
from System.Collections.Generic import List  # noqa: E402
from System.IO import File  # noqa: E402

framework = glob.glob(dotnet + "/shared/Microsoft.NETCore.App/*/")[0]
references = List[MetadataReference]()
for name in ("System*.dll", "netstandard.dll", "mscorlib.dll"):
    for file in glob.glob(framework + name):
        if "Native" not in file:
            references.Add(MetadataReference.CreateFromFile(file))
for file in glob.glob(compiler + "/Microsoft.CodeAnalysis*.dll"):
    references.Add(MetadataReference.CreateFromFile(file))
trees = List[SyntaxTree]()
trees.Add(CSharpSyntaxTree.ParseText(pathlib.Path(__file__).with_name("csc.cs").read_text()))
compilation = CSharpCompilation.Create(
    "csclite", trees, references, CSharpCompilationOptions(OutputKind.ConsoleApplication))
output = File.Create(compiler + "/csclite.dll")
result = compilation.Emit(output)
output.Close()
if not result.Success:
    sys.exit("\n".join(str(d) for d in result.Diagnostics))
