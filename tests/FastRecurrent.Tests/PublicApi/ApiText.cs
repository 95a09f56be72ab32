using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace FastRecurrent.Tests.PublicApi;

/// <summary>
/// The public surface of an assembly as text: a block a type, a line a member, sorted, close to C#. What the compiler adds
/// to a record follows from the word "record" and is left out.
/// </summary>
internal static class ApiText
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(byte)] = "byte",
    };

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(TypeLine(type)).Append('\n');
            foreach (string line in type.IsEnum ? EnumLines(type) : MemberLines(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string TypeLine(Type type)
    {
        bool isRecord = type.GetMethod("<Clone>$", Members) is not null || (type.IsValueType && type.GetMethod("PrintMembers", Members) is not null);
        string kind = type.IsEnum ? "enum"
            : type.IsValueType ? (Has<IsReadOnlyAttribute>(type) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + (isRecord ? "record struct" : "struct")
            : type.IsInterface ? "interface"
            : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (isRecord ? "record" : "class");
        Type[] bases = type.IsEnum ? [] :
        [
            .. type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces().Where(face => face.IsVisible && !(isRecord && face.Name == "IEquatable`1")).OrderBy(face => face.FullName, StringComparer.Ordinal),
        ];
        return $"{kind} {type.Namespace}.{Name(type)}" + (bases.Length == 0 ? "" : " : " + string.Join(", ", bases.Select(one => Name(one))));
    }

    private static IEnumerable<string> EnumLines(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    private static IEnumerable<string> MemberLines(Type type)
    {
        NullabilityInfoContext nullability = new();
        foreach (MemberInfo member in type.GetMembers(Members))
        {
            switch (member)
            {
                case FieldInfo field when Shown(field.Attributes & FieldAttributes.FieldAccessMask, FieldAttributes.Public, FieldAttributes.Family):
                    yield return field.IsLiteral
                        ? $"const {Name(field.FieldType)} {field.Name} = {Value(field.GetRawConstantValue())}"
                        : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}";
                    break;
                case ConstructorInfo constructor when IsShown(constructor) && !Has<CompilerGeneratedAttribute>(constructor):
                    yield return $"{Access(constructor)}new({Parameters(constructor, nullability)})";
                    break;
                case PropertyInfo property when property.GetMethod is { } get && IsShown(get) && property.Name != "EqualityContract":
                    yield return PropertyLine(property, get, nullability);
                    break;
                case MethodInfo method when IsShown(method) && !method.Name.StartsWith('<') && !Has<CompilerGeneratedAttribute>(method)
                    && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)):
                    yield return $"{Modifiers(method)}{TypeOf(method.ReturnParameter, nullability)} {method.Name}({Parameters(method, nullability)})";
                    break;
                default:
                    break;
            }
        }
    }

    private static string PropertyLine(PropertyInfo property, MethodInfo get, NullabilityInfoContext nullability)
    {
        string set = property.SetMethod is { } setter && IsShown(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        string index = property.GetIndexParameters().Length == 0 ? property.Name : $"this[{Parameters(get, nullability)}]";
        return $"{Modifiers(get)}{TypeOf(get.ReturnParameter, nullability)} {index} {{ get;{set} }}";
    }

    private static string Parameters(MethodBase method, NullabilityInfoContext nullability) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
        + TypeOf(parameter, nullability) + " " + parameter.Name + (parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue) : "")));

    private static string TypeOf(ParameterInfo parameter, NullabilityInfoContext nullability)
    {
        if (parameter.ParameterType.IsByRef)
        {
            return (parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ") + Name(parameter.ParameterType.GetElementType()!);
        }

        NullabilityInfo info = nullability.Create(parameter);
        bool isNullableReference = !parameter.ParameterType.IsValueType && info.WriteState == NullabilityState.Nullable;
        return Name(parameter.ParameterType) + (isNullableReference ? "?" : "");
    }

    private static string Modifiers(MethodInfo method) => Access(method)
        + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract " : !method.IsVirtual || method.IsFinal ? ""
            : method.GetBaseDefinition() == method ? "virtual " : "override ");

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    // private protected is of no use to a caller; protected is.
    private static bool IsShown(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !Has<CompilerGeneratedAttribute>(method));

    private static bool Shown<T>(T access, params T[] shown) => shown.Contains(access);

    private static bool Has<T>(MemberInfo member)
        where T : Attribute => member.IsDefined(typeof(T), inherit: false);

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        string name = Keywords.GetValueOrDefault(type) ?? (type.IsArray ? Name(type.GetElementType()!) + "[]" : type.Name.Split('`')[0]);
        string arguments = type.IsGenericType ? "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">" : "";
        return (type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "") + name + arguments;
    }
}
