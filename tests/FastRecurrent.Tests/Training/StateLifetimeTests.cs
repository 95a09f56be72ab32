using System.Reflection;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>
/// A state's blocks are addresses, which keep no memory alive. Whoever takes them must keep the state until it has used the last one; without that
/// a collection in between frees the memory, too seldom for a test to see. So the code itself is looked at.
/// </summary>
public class StateLifetimeTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo StateBlocks = typeof(RecurrentState).GetProperty("Blocks", All)!.GetMethod!;
    private static readonly MethodInfo KeepAlive = typeof(GC).GetMethod(nameof(GC.KeepAlive))!;

    [Fact]
    public void Every_method_that_takes_a_states_addresses_keeps_the_state_until_it_returns()
    {
        MethodInfo[] users = [.. typeof(RecurrentState).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All))
            .Where(method => Calls(method).Any(call => call.Method == StateBlocks))];
        Assert.Equal(3, users.Count(method => method.DeclaringType == typeof(StateCopy)));
        foreach (MethodInfo user in users.Where(user => !HandsAddressesOn(user)))
        {
            (MethodBase Method, int At)[] calls = [.. Calls(user)];
            int lastUse = calls.Last(call => call.Method == StateBlocks).At;
            Assert.True(calls.Any(call => call.Method == KeepAlive && call.At > lastUse), $"{user.DeclaringType!.Name}.{user.Name} takes a state's addresses and does not keep it alive");
        }
    }

    /// <summary>A method that returns the blocks: its callers hold the state.</summary>
    private static bool HandsAddressesOn(MethodInfo method) => method.ReturnType == StateBlocks.ReturnType;

    /// <summary>The calls in a method's code, in the order of their places.</summary>
    private static IEnumerable<(MethodBase Method, int At)> Calls(MethodInfo method)
    {
        const byte Call = 0x28, CallVirtual = 0x6F;
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at + sizeof(int) < code.Length; at++)
        {
            if (code[at] is Call or CallVirtual && Resolve(method, BitConverter.ToInt32(code, at + 1)) is { } called)
            {
                yield return (called, at);
            }
        }
    }

    /// <summary>Null where the bytes behind what looks like a call name no method.</summary>
    private static MethodBase? Resolve(MethodInfo method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(token, method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null);
        }
        catch (Exception error) when (error is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }
}
