# Everything this project can do; each target is a short call of the program that does it.
PYTHON ?= python3
ENVIRONMENT := $(PYTHON) -m deploy.local.bootstrap
# A terminal that lacks a character shows another; it does not stop the work.
export PYTHONIOENCODING ?= :replace
# Compiled modules are kept, with all other state; half of a warm start would go into compiling them anew.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.local/pycache
export ALLIANCE_PUBLIC_URL ?= http://127.0.0.1:$(or $(ALLIANCE_PORT_PORTAL),8080)
IN := $(ENVIRONMENT) && exec .local/venv/bin/python -m

.PHONY: help run stop status logs reset operate demo test faults bench check contracts lock
help:  ## 列出可以做什么 | list what can be done
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r a b; do printf '%-17s %s\n' "$$a" "$$b"; done

run:  ## 启动全部，直到 Ctrl-C（DETACH=1：就绪后返回） | bring everything up and stay until Ctrl-C (DETACH=1: return once it is ready)
	@$(IN) deploy.local run $(if $(DETACH),--detach)

stop:  ## 停止它启动的一切 | end everything that was started, and only that
	@$(IN) deploy.local stop

status:  ## 各部分的状态与资源 | each part's state, CPU, memory, consumer lag, outbox age; succeeds only when all is ready
	@$(IN) deploy.local status

logs:  ## 跟踪日志 | follow the logs (SERVICE=feeds: of one part)
	@$(IN) deploy.local logs $(SERVICE)

reset:  ## 删除全部数据（先询问） | remove all data (asks first; YES=1 does not)
	@$(IN) deploy.local reset $(if $(YES),--yes)

operate:  ## 故障时的工具，见 docs/operations.zh.md | tools for a bad day, see docs/operations.md (DO="lag")
	@$(IN) deploy.operate $(DO)

demo:  ## 在终端里演示主流程 | play the main job in the terminal, against what `make run` runs
	@$(IN) deploy.demo play

test:  ## 运行全部测试 | run every test against real servers of its own (ARGS="-k word": some of them)
	@$(IN) pytest $(or $(ARGS),--numprocesses 3)

faults:  ## 在负载下逐一杀死、暂停、切断、饿死各部分，再清点丢失 | kill, pause, cut and starve everything under load, then count what is lost (MUTANTS=1: from broken variants)
	@$(IN) tests.faults $(if $(SEED),--seed $(SEED)) $(if $(MUTANTS),--mutants)

bench:  ## 在自带的服务器上测量各项性能目标与其上限之比（ROWS=1,3：只测几项） | measure every goal of speed against its limit, on servers of its own (ROWS=1,3: some of them)
	@$(IN) tests.bench $(if $(ROWS),--rows $(ROWS))

check:  ## 代码检查 | style, types, imports, dependencies, SQL, closed tables, contracts, file lengths, compose file
	@$(IN) deploy.check

contracts:  ## 写出事件契约，封存新样例 | write the contract documents of all events, seal new samples (RELEASE=1: as released)
	@$(IN) deploy.contracts $(if $(RELEASE),--release)

EXPORT := .local/venv/bin/uv export --quiet --no-emit-project --no-header --format requirements-txt
lock:  ## 重写 requirements.lock | write requirements.lock (and the image's own, without test tools) anew from pyproject.toml
	@$(ENVIRONMENT) && .local/venv/bin/uv lock --quiet
	@$(EXPORT) --all-groups -o requirements.lock && $(EXPORT) --group setup -o deploy/requirements.lock
