import { sequenceStyle } from './sequence.ts'

const colours = `
:root{color-scheme:light dark;
--page:light-dark(#f6f7f9,#14171c);--card:light-dark(#fff,#1c2027);--text:light-dark(#1b1f24,#e6e9ee);--quiet:light-dark(#57606a,#9da7b3);
--line:light-dark(#d5dae0,#343b45);--code:light-dark(#eef0f3,#2a303a);--link:light-dark(#0a53be,#80b4ff);
--good:light-dark(#116329,#6fdd8b);--bad:light-dark(#b3151d,#ff8f88);--doubt:light-dark(#7d4e00,#f0b849);
--good-back:light-dark(#e6f6ea,#12301c);--bad-back:light-dark(#fdeceb,#3a1817);--doubt-back:light-dark(#fff4d9,#34280c);
--sent:light-dark(#0a53be,#80b4ff);--received:light-dark(#6e3fb8,#c9a6ff)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
`

const page = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:68rem;margin-inline:auto;padding-inline:clamp(.75rem,3vw,2rem)}
header{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding-block:.75rem;color:var(--quiet)}
footer{padding-block:1rem 3rem;color:var(--quiet);font-size:.875rem}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance}
h1{font-size:clamp(1.5rem,4.5vw,2.25rem);margin:.1rem 0 .5rem}
h2{font-size:1.375rem;margin:2.25rem 0 .25rem}
h3{font-size:1rem;margin:0}
h4{font-size:.9375rem;margin:1.25rem 0 .5rem}
p{margin:.5rem 0}
a{color:var(--link)}
ul,ol{padding-inline-start:1.25rem}
code,pre,.url{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
code{background:var(--code);border-radius:.25rem;padding:.05em .3em}
pre{background:var(--code);border-radius:.375rem;padding:.6rem .75rem;margin:.25rem 0;white-space:pre-wrap}
summary{cursor:pointer}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.25rem}
button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.375rem;padding:.25rem .75rem;cursor:pointer}
.skip{position:absolute;inset-inline-start:-100vw}.skip:focus{inset-inline-start:1rem;inset-block-start:.5rem;background:var(--card);padding:.5rem 1rem}
.quiet,.hint,.intro,cite{color:var(--quiet)}
.hint{font-size:.8125rem}
cite{font-style:normal;font-size:.875rem;display:block}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.needs-script{display:none}.scripted .needs-script{display:revert}
[hidden]{display:none!important}
`

const verdict = `
.verdict{border-radius:.75rem;padding:clamp(1rem,3vw,1.75rem);border:1px solid;border-inline-start-width:.5rem;background:var(--doubt-back);border-color:var(--doubt)}
.verdict.conformant{background:var(--good-back);border-color:var(--good)}
.verdict.non-conformant,.verdict.kit-error{background:var(--bad-back);border-color:var(--bad)}
.verdict .word{margin:0;font-weight:700;font-size:.875rem;letter-spacing:.06em;text-transform:uppercase;color:var(--doubt)}
.verdict.conformant .word{color:var(--good)}.verdict.non-conformant .word,.verdict.kit-error .word{color:var(--bad)}
.verdict .lead{font-size:1.125rem}
.verdict .about{font-size:.875rem;margin-bottom:0;color:var(--text)}
.expected{list-style:none;padding:0;margin:.25rem 0}
.capabilities{border-collapse:collapse;margin:.75rem 0}
.capabilities th,.capabilities td{padding:.2rem 1rem .2rem 0;text-align:start;border-bottom:1px solid var(--line)}.capabilities .number{text-align:end}
.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1.25rem;margin:.75rem 0}
.facts dt{color:var(--quiet)}.facts dd{margin:0}
`

const fault = `
.faults{list-style:none;padding:0;margin:1rem 0;counter-reset:fault}
.faults>li{margin-block:.75rem}
.fault{background:var(--card);border:1px solid var(--line);border-inline-start:.3rem solid var(--bad);border-radius:.5rem}
.fault.warning{border-inline-start-color:var(--doubt)}
.fault>summary{padding:.75rem 1rem}
.fault>summary .title{display:inline}.fault>summary .title,.chapter>summary .title{font-weight:650;font-size:1.0625rem}
ol.faults>li{counter-increment:fault}ol.faults .fault>summary .title::before{content:counter(fault) ". "}
.fault .follows{font-size:.8125rem;border-radius:1rem;padding:.1rem .6rem;background:var(--bad-back);color:var(--bad);white-space:nowrap}
.fault .brief{display:block;padding-inline-start:1.1rem;color:var(--quiet)}.fault[open]>summary .brief{display:none}
.body{padding:0 1rem .75rem}
.findings{margin:.25rem 0}
.findings dt{font-weight:650;font-size:.875rem;color:var(--quiet);margin-top:.6rem}
.findings dd{margin:0}.findings .actual{color:var(--bad);font-weight:600}
.warning .actual{color:var(--doubt)}
.level{font-size:.75rem;font-weight:650;letter-spacing:.03em;border:1px solid var(--line);border-radius:.25rem;padding:.05rem .35rem;color:var(--quiet);white-space:nowrap}
.proof{margin-top:.75rem;border-top:1px solid var(--line);padding-top:.6rem}
.proof>summary{color:var(--link)}
.consequences li,.undecided>li{margin-block:.4rem}
.undecided .reason{margin:0;white-space:pre-wrap}.undecided .proof{border:0;margin:0;padding:0}
.undecided{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem .5rem 2rem}
`

const chapter = `
.filter.needs-script{display:none}.scripted .filter{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;position:sticky;top:0;z-index:1;background:var(--page);padding-block:.6rem}
.filter .search{flex:1 1 16rem;display:flex;gap:.6rem;align-items:center}
.filter input[type=search]{flex:1;min-width:0;font:inherit;color:inherit;background:var(--card);border:1px solid var(--quiet);border-radius:.375rem;padding:.35rem .6rem}
.filter fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.15rem 1rem}.filter legend{float:left;margin-inline-end:.75rem;color:var(--quiet)}
.filter label{white-space:nowrap}.filter output{color:var(--quiet);font-size:.875rem}
.chapter{background:var(--card);border:1px solid var(--line);border-radius:.5rem;margin-block:.5rem}
.chapter>summary{padding:.6rem 1rem}
.chapter .counts{color:var(--quiet);font-size:.9375rem;margin-inline-start:.4rem}
.requirements,.checks{list-style:none;margin:0;padding:0}
.requirement{border-top:1px solid var(--line);padding:.75rem 1rem;content-visibility:auto;contain-intrinsic-size:auto 8rem}
.requirement .sentence{margin:.25rem 0 .4rem;max-width:60rem}
.checks>li{margin-block:.15rem}
.check>summary,.plain{padding-block:.1rem}
.plain{padding-inline-start:1.05rem;display:block;color:inherit;text-decoration:none}a.plain:hover{text-decoration:underline}
.check .body{padding:0 0 .5rem 1.05rem}
.mark{display:inline-block;min-width:1.1em;text-align:center;font-weight:700;color:var(--quiet)}
.mark.pass{color:var(--good)}.mark.fail,.mark.kit-error{color:var(--bad)}.mark.warn,.mark.could-not-run,.mark.inconclusive{color:var(--doubt)}
`

const sequence = `
.sequence{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--card);font-size:.8125rem}
.sequence ol{list-style:none;margin:0;padding:.25rem 0}
.sequence ol,.heads{min-width:calc(4.5rem + var(--lanes,2)*6.25rem)}
.sequence summary,.heads{display:grid;grid-template-columns:4.5rem 1fr;align-items:stretch}
.sequence summary{list-style:none}.sequence summary::-webkit-details-marker{display:none}
.sequence summary:hover{background:var(--code)}
.sequence summary:focus-visible{outline-offset:-3px}
.sequence .time{color:var(--quiet);text-align:end;padding:.4rem .6rem .15rem 0;font-variant-numeric:tabular-nums;white-space:nowrap}
.sequence .lane{display:grid;grid-template-columns:repeat(calc(2*var(--lanes,1)),minmax(0,1fr));align-items:end;
background:linear-gradient(to right,transparent calc(50% - .75px),var(--line) 0 calc(50% + .75px),transparent 0) 0 0/calc(100%/var(--lanes,1)) 100%}
.heads{border-bottom:1px solid var(--line)}.heads .lane{background:none}
.heads .lane span{grid-column:span 2;text-align:center;font-weight:700;padding:.35rem}.heads .server{color:var(--received)}.heads .kit{color:var(--sent)}
.sequence .lane>span{position:relative}
.sequence .sent>span,.sequence .received>span{text-align:center;padding:.15rem .5rem .2rem;border-bottom:1.5px solid;margin-bottom:5px}
.sequence i{display:block;font-style:normal;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.sequence .sent{color:var(--sent)}.sequence .received{color:var(--received)}
.sequence .right>span::after,.sequence .left>span::after{content:"";position:absolute;bottom:-5.5px;width:8px;height:10px;background:currentColor}
.sequence .right>span::after{right:0;clip-path:polygon(0 0,100% 50%,0 100%)}
.sequence .left>span::after{left:0;clip-path:polygon(100% 0,0 50%,100% 100%)}
.sequence .event>span{justify-self:center;text-align:center;background:var(--code);color:var(--quiet);border-radius:.5rem;padding:.05rem .5rem;margin-block:.2rem;max-width:calc(100% - .25rem);overflow-wrap:break-word}
.decisive>.frame{background-color:var(--doubt-back);box-shadow:inset .25rem 0 var(--bad)}.decisive i,.decisive .lane>span{font-weight:700}
.as-list .lane{display:block;background:none;padding-block:.15rem;color:inherit}.as-list .time{padding-top:.15rem}
.frame>pre{margin:.25rem .75rem .1rem}.frame>.hint{margin:.1rem .75rem .5rem}
.frame[open]{background:var(--code)}.frame[open]>pre{background:var(--card)}
`

const print = `
@media (max-width:34rem){.sequence .time{padding-inline-end:.35rem}.sequence .event>span{padding-inline:.2rem}.sequence summary,.heads{grid-template-columns:3.4rem 1fr}.sequence ol,.heads{min-width:calc(3.4rem + var(--lanes,2)*5rem)}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}.chapter .counts{display:block;margin-inline-start:1.6rem}}
@media print{:root,:root[data-theme]{color-scheme:light}body{background:#fff;font-size:10.5pt;print-color-adjust:exact}
header button,.filter,.skip,.scripted .filter{display:none}
header,main,footer{max-width:none;padding-inline:0}
.fault::details-content,.fault>.body>.proof:first-of-type::details-content{content-visibility:visible;block-size:auto;height:auto}
.requirement{content-visibility:visible}.sequence{overflow:visible}.checks>li,.faults summary,.sequence li{break-inside:avoid}h2,h3,h4{break-after:avoid}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`

/** The page's style. */
export function pageStyle(): string {
  return [colours, page, verdict, fault, chapter, sequence, sequenceStyle(), print].join('')
}
