import { mount } from 'svelte'
import App from './App.svelte'
import { install } from './install.svelte'
import './ui/base.css'

mount(App, { target: document.getElementById('app')! })
if (import.meta.env.PROD) void install.start()
