#pragma warning disable RS0030 // a command line speaks to the console, and starts doing so here
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Cli;
using Gateway.Cli.Output;

using var stop = new CancellationTokenSource();
// Ctrl+C and a stop from outside end what is under way in order: no half file stays behind.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
await using var output = new StandardOutput();
await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
var terminal = new Terminal(text, output, Console.Error, TimeProvider.System, Environment.GetEnvironmentVariable);
return await GatewayctlProgram.RunAsync(args, terminal, stop.Token);

void Cancel(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
