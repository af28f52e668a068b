/* A PKCS#11 module before SoftHSM2, which makes it look and fail as a card's middleware does.
 *
 * SoftHSM2 names its slots by numbers; here a slot has the name of its token, as the eID
 * middleware gives a slot the name of its reader. What is asked is noted in a file, and a call may
 * fail from some time on. Everything else is SoftHSM2's.
 *
 * MIDDLEWARE_BEHIND   the module behind
 * MIDDLEWARE_LOG      where calls are noted, one a line
 * MIDDLEWARE_APPLET   the version of the applet, as in 24 for 1.8
 * MIDDLEWARE_CRASHES  set: the process dies when the module is loaded
 * MIDDLEWARE_FAULT    CALL:N:WHAT – from the N-th CALL on, WHAT: an error's number, hang, cut,
 *                     zeroes, repeats, other-serial, final-try, bad-label, no-pkcs1;
 *                     several with spaces between
 */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long ulong_t;
typedef unsigned char byte;
typedef ulong_t call();

struct version { byte major, minor; };
struct functions { struct version version; call *of[68]; };
struct attribute { ulong_t type; void *value; ulong_t length; };
struct slot_info {
    byte description[64], manufacturer[32];
    ulong_t flags;
    struct version hardware, firmware;
};
struct token_info {
    byte label[32], manufacturer[32], model[16], serial[16];
    ulong_t flags, numbers[10];
    struct version hardware, firmware;
    byte time[16];
};

/* Places in the list of functions (PKCS#11 2.40, section 6.4). */
enum {
    INITIALIZE = 0, FINALIZE = 1, GET_FUNCTION_LIST = 3, GET_SLOT_LIST = 4, GET_SLOT_INFO = 5,
    GET_TOKEN_INFO = 6, GET_MECHANISM_LIST = 7, OPEN_SESSION = 12, LOGIN = 18,
    GET_ATTRIBUTE_VALUE = 24,
    FIND_OBJECTS_INIT = 26, SIGN_INIT = 42, SIGN = 43, GENERATE_KEY_PAIR = 59, ALL = 68
};
enum { CLASS = 0, LABEL = 3, HW_SLOT = 4, REMOVABLE = 2, TOKEN_INITIALIZED = 0x400,
       FINAL_TRY = 0x20000, FAILED = 6, RSA_PKCS = 1, RSA_X_509 = 3 };

static struct functions behind, shown;
static int count[ALL];
static char wrong[32];

static void note(const char *name, const char *more)
{
    const char *path = getenv("MIDDLEWARE_LOG");
    FILE *log = path && *path ? fopen(path, "a") : NULL;
    if (log) {
        fprintf(log, *more ? "%s %s\n" : "%s\n", name, more);
        fclose(log);
    }
}

/* Count a call; return the error that it is to give, if any, and set what else is wrong with it. */
static ulong_t begin(int place, const char *name, const char *more)
{
    const char *faults = getenv("MIDDLEWARE_FAULT");
    char call[32], what[32];
    int from, length;
    note(name, more);
    count[place]++;
    *wrong = 0;
    while (faults && sscanf(faults, " %31[^:]:%d:%31s%n", call, &from, what, &length) == 3) {
        if (!strcmp(call, name) && count[place] >= from)
            strcpy(wrong, what);
        faults += length;
    }
    while (!strcmp(wrong, "hang"))
        pause();
    return strtoul(wrong, NULL, 0);
}

__attribute__((constructor)) static void load(void)
{
    if (getenv("MIDDLEWARE_CRASHES"))
        abort();
}

static ulong_t initialize(void *arguments)
{
    memset(count, 0, sizeof count);
    ulong_t result = begin(INITIALIZE, "C_Initialize", "");
    return result ? result : behind.of[INITIALIZE](arguments);
}

static ulong_t get_slot_list(byte present, ulong_t *slots, ulong_t *number)
{
    ulong_t result = begin(GET_SLOT_LIST, "C_GetSlotList", "");
    return result ? result : behind.of[GET_SLOT_LIST]((ulong_t)present, slots, number);
}

static ulong_t get_slot_info(ulong_t slot, struct slot_info *info)
{
    struct token_info token;
    ulong_t result = begin(GET_SLOT_INFO, "C_GetSlotInfo", "");
    if (!result)
        result = behind.of[GET_SLOT_INFO](slot, info);
    if (!result && !behind.of[GET_TOKEN_INFO](slot, &token) && (token.flags & TOKEN_INITIALIZED)) {
        memset(info->description, ' ', sizeof info->description);
        memcpy(info->description, token.label, sizeof token.label);
        info->flags |= HW_SLOT | REMOVABLE;
    }
    return result;
}

static ulong_t get_token_info(ulong_t slot, struct token_info *info)
{
    const char *applet = getenv("MIDDLEWARE_APPLET");
    ulong_t result = begin(GET_TOKEN_INFO, "C_GetTokenInfo", "");
    if (!result)
        result = behind.of[GET_TOKEN_INFO](slot, info);
    if (!result && applet)
        info->firmware.major = atoi(applet);
    if (!result && !strcmp(wrong, "other-serial"))
        info->serial[0] ^= 1;
    if (!result && !strcmp(wrong, "final-try"))
        info->flags |= FINAL_TRY;
    if (!result && !strcmp(wrong, "bad-label"))
        info->label[0] = 0xE9;
    return result;
}

static ulong_t get_mechanism_list(ulong_t slot, ulong_t *list, ulong_t *number)
{
    ulong_t result = begin(GET_MECHANISM_LIST, "C_GetMechanismList", "");
    if (!result)
        result = behind.of[GET_MECHANISM_LIST](slot, list, number);
    for (ulong_t i = 0; list && !result && !strcmp(wrong, "no-pkcs1") && i < *number; i++)
        if (list[i] == RSA_PKCS)
            list[i] = RSA_X_509;
    return result;
}

static ulong_t open_session(ulong_t slot, ulong_t flags, void *a, void *b, ulong_t *session)
{
    ulong_t result = begin(OPEN_SESSION, "C_OpenSession", "");
    return result ? result : behind.of[OPEN_SESSION](slot, flags, a, b, session);
}

static ulong_t login(ulong_t session, ulong_t who, byte *pin, ulong_t length)
{
    ulong_t result = begin(LOGIN, "C_Login", "");
    return result ? result : behind.of[LOGIN](session, who, pin, length);
}

static ulong_t get_attribute_value(ulong_t session, ulong_t object, void *wanted, ulong_t number)
{
    ulong_t result = begin(GET_ATTRIBUTE_VALUE, "C_GetAttributeValue", "");
    return result ? result : behind.of[GET_ATTRIBUTE_VALUE](session, object, wanted, number);
}

static ulong_t find_objects_init(ulong_t session, struct attribute *wanted, ulong_t number)
{
    char kind[32] = "any", label[64] = "", text[128];
    for (ulong_t i = 0; i < number; i++) {
        if (wanted[i].type == CLASS)
            snprintf(kind, sizeof kind, "%lu", *(ulong_t *)wanted[i].value);
        if (wanted[i].type == LABEL)
            snprintf(label, sizeof label, "%.*s", (int)wanted[i].length, (char *)wanted[i].value);
    }
    snprintf(text, sizeof text, "%s %s", kind, label);
    ulong_t result = begin(FIND_OBJECTS_INIT, "C_FindObjectsInit", text);
    return result ? result : behind.of[FIND_OBJECTS_INIT](session, wanted, number);
}

static ulong_t sign_init(ulong_t session, void *mechanism, ulong_t key)
{
    ulong_t result = begin(SIGN_INIT, "C_SignInit", "");
    return result ? result : behind.of[SIGN_INIT](session, mechanism, key);
}

static ulong_t sign(ulong_t session, byte *data, ulong_t size, byte *signature, ulong_t *length)
{
    static byte old[48];
    ulong_t result = begin(SIGN, "C_Sign", "");
    if (result)
        return result;
    if (!strcmp(wrong, "repeats"))
        data = old, size = sizeof old;
    result = behind.of[SIGN](session, data, size, signature, length);
    if (signature && !result && !strcmp(wrong, "zeroes"))
        memset(signature, 0, *length);
    if (signature && !result && !strcmp(wrong, "cut"))
        *length -= 1;
    return result;
}

static ulong_t generate_key_pair(ulong_t session, void *mechanism, void *public, ulong_t of_public,
                                 void *private, ulong_t of_private, ulong_t *one, ulong_t *other)
{
    ulong_t result = begin(GENERATE_KEY_PAIR, "C_GenerateKeyPair", "");
    return result ? result : behind.of[GENERATE_KEY_PAIR](session, mechanism, public, of_public,
                                                          private, of_private, one, other);
}

ulong_t C_GetFunctionList(struct functions **list)
{
    const char *path = getenv("MIDDLEWARE_BEHIND");
    void *module = dlopen(path ? path : "", RTLD_NOW | RTLD_LOCAL);
    call *get = module ? (call *)dlsym(module, "C_GetFunctionList") : NULL;
    struct functions *found;
    if (!get || get(&found))
        return FAILED;
    behind = shown = *found;
    shown.of[INITIALIZE] = (call *)initialize;
    shown.of[GET_FUNCTION_LIST] = (call *)C_GetFunctionList;
    shown.of[GET_SLOT_LIST] = (call *)get_slot_list;
    shown.of[GET_SLOT_INFO] = (call *)get_slot_info;
    shown.of[GET_TOKEN_INFO] = (call *)get_token_info;
    shown.of[GET_MECHANISM_LIST] = (call *)get_mechanism_list;
    shown.of[OPEN_SESSION] = (call *)open_session;
    shown.of[LOGIN] = (call *)login;
    shown.of[GET_ATTRIBUTE_VALUE] = (call *)get_attribute_value;
    shown.of[FIND_OBJECTS_INIT] = (call *)find_objects_init;
    shown.of[SIGN_INIT] = (call *)sign_init;
    shown.of[SIGN] = (call *)sign;
    shown.of[GENERATE_KEY_PAIR] = (call *)generate_key_pair;
    *list = &shown;
    return 0;
}

/* These two are looked up by their names as well. */
ulong_t C_Initialize(void *arguments)
{
    struct functions *list;
    return C_GetFunctionList(&list) ? FAILED : initialize(arguments);
}

ulong_t C_Finalize(void *nothing)
{
    return behind.of[FINALIZE](nothing);
}
